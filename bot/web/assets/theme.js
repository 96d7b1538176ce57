// Runs before the first paint (a plain script in <head>), so that a chosen appearance never flashes the other one.
// `data-choice` on <html> is what the person chose (settings.js), `data-theme` what is shown.
(() => {
  const root = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  try {
    root.dataset.choice = localStorage.getItem('tocsin.theme') ?? 'auto';
  } catch {
    root.dataset.choice = 'auto'; // storage may be forbidden
  }
  const show = () => {
    const { choice } = root.dataset;
    root.dataset.theme = choice === 'light' || choice === 'dark' ? choice : dark.matches ? 'dark' : 'light';
  };
  show();
  dark.addEventListener('change', show);
  new MutationObserver(show).observe(root, { attributeFilter: ['data-choice'] });
})();
