// The losses of all pictures on one pair of axes; a line can be picked with the pointer or the keyboard.
const everything = one("#all-losses");
if (everything) {
  const choice = one("#loss"), said = one("#picked");
  let drawing = null, picked = -1;

  function pick(index) {
    if (!drawing || index < 0 || index >= drawing.lines.length) return;
    drawing.lines[picked]?.path.classList.remove("here");
    picked = index;
    const { path, number } = drawing.lines[index];
    path.classList.add("here");
    path.parentElement.append(path); // above the others
    const cell = cells[number];
    said.textContent = `${cell.name}: ${cell.caption}, ${choice.value} ${digits(points(number, choice.value).at(-1)[1])} at the end`;
  }

  // The line that is nearest to the pointer.
  function nearest(event) {
    const box = everything.getBoundingClientRect();
    const x = event.clientX - box.left, y = event.clientY - box.top;
    const distance = ({ points: line }) => Math.min(...line.map(([a, b]) =>
      Math.hypot(drawing.x.at(a) - x, drawing.y.at(b) - y)));
    const distances = drawing.lines.map(distance);
    const index = distances.indexOf(Math.min(...distances));
    return distances[index] < 24 ? index : -1;
  }

  const visible = () => cells.map((cell, number) => ({ number, colour: cell.kind }))
    .filter(({ number }) => !one(`#cell-${number}`).hidden);
  const redraw = chart(everything, () => visible().map((line) => ({ ...line, points: points(line.number, choice.value) })),
    (result) => { drawing = result; picked = -1; });
  choice.append(...report.measures.map((name) => make("option", { value: name }, name)));
  choice.addEventListener("change", redraw);
  document.addEventListener("filtered", redraw);
  everything.addEventListener("pointermove", (event) => { if (drawing) pick(nearest(event)); });
  everything.addEventListener("click", () => { if (drawing && picked >= 0) enlarge(drawing.lines[picked].number); });
  everything.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (by) { event.preventDefault(); pick(Math.max(0, picked + by)); }
    if (event.key === "Enter" && drawing && picked >= 0) enlarge(drawing.lines[picked].number);
  });
}
