// Runs before anything is drawn, so that a remembered choice of colours does not flash.
try {
  const chosen = localStorage.getItem("colours");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.colours = chosen;
} catch {
  // Storage may be switched off: then the system's colours are used.
}
