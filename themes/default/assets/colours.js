// A remembered choice of colours. Asked for before the style sheet, which the first drawing waits for, so that the choice
// is known by then; and not in the way of anything if it is late.
try {
  const chosen = localStorage.getItem("colours");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.colours = chosen;
} catch {
  // Storage may be switched off: then the system's colours are used.
}
