// Hundreds of pictures are one stop of the Tab key: arrow keys move among them.
function arrows(container) {
  const items = () => all("[data-cell]", container).filter((item) => item.offsetParent !== null);
  const reachable = (item) => {
    for (const other of all("[data-cell]", container)) other.tabIndex = other === item ? 0 : -1;
  };
  // The nearest item in the row above or below.
  function beside(list, item, down) {
    const here = item.getBoundingClientRect();
    const distance = (other) => {
      const there = other.getBoundingClientRect();
      const rows = down ? there.top - here.top : here.top - there.top;
      return rows > 4 ? rows * 1000 + Math.abs(there.left - here.left) : Infinity;
    };
    const best = list.reduce((a, b) => (distance(b) < distance(a) ? b : a), item);
    return distance(best) < Infinity ? best : item;
  }
  container.addEventListener("keydown", (event) => {
    const item = event.target.closest("[data-cell]");
    if (!item) return;
    const list = items(), index = list.indexOf(item);
    const next = {
      ArrowLeft: () => list[index - 1], ArrowRight: () => list[index + 1],
      ArrowUp: () => beside(list, item, false), ArrowDown: () => beside(list, item, true),
      Home: () => list[0], End: () => list.at(-1),
    }[event.key]?.();
    if (!next) return;
    event.preventDefault();
    reachable(next);
    next.focus();
  });
  container.addEventListener("focusin", (event) => {
    const item = event.target.closest("[data-cell]");
    if (item) reachable(item);
  });
  const first = () => reachable(items()[0]);
  document.addEventListener("filtered", first);
  reachable(one("[data-cell]", container));
}
all("[data-keys]").forEach(arrows);
