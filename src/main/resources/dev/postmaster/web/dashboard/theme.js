// Before anything is painted: the theme that was chosen here before, if it is one.
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem('postmaster.theme');
  } catch {
    // A browser that stores nothing has the theme of its system.
  }
  if (theme === 'light' || theme === 'dark') {
    document.documentElement.dataset.theme = theme;
  }
})();
