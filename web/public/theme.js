// Runs before the first paint, so that a chosen theme does not flash in the other one. The rest is in src/ui/theme.ts.
try {
  const theme = localStorage.getItem('ccmeter.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be forbidden; the system's theme is right then.
}
