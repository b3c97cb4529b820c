/** What can stand on the time axis beside the numbers. */
export const MARK_KINDS = ['model', 'price', 'version', 'compaction', 'commit', 'pull_request'] as const;
export type MarkKind = (typeof MARK_KINDS)[number];
