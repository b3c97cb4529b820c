/** What people read for the values of closed labels. */
export const words: Record<string, Record<string, string>> = {
  kind: {
    input: 'Input',
    output: 'Output',
    cache_read: 'Cache read',
    cache_write_5m: 'Cache write, 5 min',
    cache_write_1h: 'Cache write, 1 hour',
  },
  agent: { main: 'Main', subagent: 'Subagents' },
  result: { ok: 'Done', error: 'Failed', rejected: 'Rejected', blocked: 'Blocked', sent: 'Sent', dropped: 'Dropped', failed: 'Failed' },
  change: { added: 'Added', removed: 'Removed', modified: 'Modified' },
  role: { user: 'Prompts', assistant: 'Responses' },
  status: { pending: 'Open', in_progress: 'Under way', completed: 'Done' },
  sink: { otlp: 'OTLP', remote_write: 'Remote write' },
};
