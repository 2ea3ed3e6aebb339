import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Call } from '../proxy.ts';

/** Where Linux tells which process has which end of a connection. */
const CONNECTIONS = '/proc/net/tcp';
const INODE_COLUMN = 9;

/**
 * Finds out now who makes a call.
 * @param pids of the processes that may have made it.
 * @returns what ends that process, at once and without its notice; nothing if it has ended already.
 */
export function killCallerOf({ ports }: Call, pids: number[]): (() => void) | undefined {
  const inode = inodeOf(addressOf(ports.caller), addressOf(ports.own));
  const pid = pids.find((candidate) => holds(candidate, `socket:[${inode}]`));
  return pid === undefined ? undefined : () => process.kill(pid, 'SIGKILL');
}

function inodeOf(from: string, to: string): string | undefined {
  const lines = readFileSync(CONNECTIONS, 'utf8').split('\n');
  const rows = lines.map((line) => line.trim().split(/\s+/));
  return rows.find(([, local, remote]) => local === from && remote === to)?.[INODE_COLUMN];
}

/** A port on loopback, as that table writes it. */
const addressOf = (port = 0) => `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;

function holds(pid: number, socket: string): boolean {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).some((fd) => linkOf(`${folder}/${fd}`) === socket);
  } catch {
    // It ended meanwhile.
    return false;
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
