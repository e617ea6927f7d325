// A remembered choice of colours. The first thing in the body: nothing that follows is drawn in other colours before, and
// what comes with the head is not held back.
try {
  const chosen = localStorage.getItem("colours");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.colours = chosen;
} catch {
  // Storage may be switched off: then the system's colours are used.
}
