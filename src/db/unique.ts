/** Whether a write failed because a unique key was taken already. */
export const isTaken = (error: unknown): boolean =>
  error instanceof Error &&
  (error.message.includes("UNIQUE constraint failed") || isTaken(error.cause));
