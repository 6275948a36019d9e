/** Does one piece of work after the other; one that fails is told of and keeps none of the others. */
export async function doInTurn(
  pieces: Readonly<Record<string, () => Promise<unknown>>>,
  tell: (piece: string, error: unknown) => void,
): Promise<void> {
  for (const [piece, work] of Object.entries(pieces)) {
    try {
      await work();
    } catch (error) {
      tell(piece, error);
    }
  }
}
