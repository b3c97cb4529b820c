/** Tokens that the models of Claude Code take in at most: the usual window, and the long one. */
const USUAL_WINDOW = 200_000;
const LONG_WINDOW = 1_000_000;

/**
 * How many tokens a conversation can hold. The transcripts do not say; a name that ends with `[1m]` does, and so does a prompt that was
 * longer than the usual window.
 */
export function windowOf(model: string | null, mostTokens: number): number {
  return model?.endsWith('[1m]') || mostTokens > USUAL_WINDOW ? LONG_WINDOW : USUAL_WINDOW;
}

/** How much of the window is used, from 0 to 1. */
export function usedOfWindow(model: string | null, context: { tokens: number; most: number }): number {
  return Math.min(1, context.tokens / windowOf(model, context.most));
}
