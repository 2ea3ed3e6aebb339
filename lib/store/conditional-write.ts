import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';

/**
 * Sends a write that has a condition.
 * @returns false if the condition refused it: perhaps because it was done already, and only its answer was lost.
 */
export async function isWritten(write: { send: () => Promise<unknown> }): Promise<boolean> {
  try {
    await write.send();
    return true;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return false;
  }
}
