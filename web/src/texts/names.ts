/** Tables of names. */
export const names = {
  share: 'Share',
  showOnly: (name: string) => `Show only ${name}`,
  project: 'Project',
  model: 'Model',
  agent: 'Agent',
};
