/** The project that the embedded stack starts with: the same at every start, and no secret, for it is on loopback only. */
export const DEMO = {
  projectId: 'demo',
  keys: {
    access_key: 'DEMOACCESSKEY0000000',
    secret_key: 'demo-secret-key-of-the-embedded-stack',
    token: 'demo-token-of-the-embedded-stack',
  },
} as const;

/** Encrypts stored secrets of the embedded stack. */
export const DEMO_SECRET_KEYS = `local:${Buffer.alloc(32, 'embedded').toString('base64')}`;
