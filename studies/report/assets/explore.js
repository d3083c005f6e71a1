// A picture for every place on a plane of alpha/beta and layers.
if (report.planes.length) {
  const section = one("#explore"), stage = one(".stage", section);
  const choice = one("#plane"), ratio = one("#ratio"), depth = one("#depth");
  const plane = () => report.planes[choice.value];
  choice.append(...report.planes.map(({ title }, i) => make("option", { value: i }, title)));
  choice.value = largest(report.planes);
  choice.parentElement.hidden = report.planes.length < 2;

  // Ends only, where not every label has a place.
  function ticks(slider, labels) {
    const few = labels.length <= 6 ? labels : [labels[0], labels.at(-1)];
    one(".ticks", slider.parentElement).replaceChildren(...few.map((label) => make("span", {}, label)));
  }

  function start() {
    const { ratios, layers, deepest, cells: rows } = plane();
    for (const [slider, labels, marks] of [[ratio, ratios, ratios], [depth, layers, deepest]]) {
      slider.parentElement.hidden = labels.length < 2;
      slider.max = labels.length - 1;
      slider.value = labels.length - 1;
      ticks(slider, marks);
    }
    ratio.value = Math.floor(ratios.length / 2);
    if (rows.at(-1)[ratio.value] === null) { // rather a picture than a hole
      depth.value = rows.findIndex((row) => row.some((number) => number !== null));
      ratio.value = rows[depth.value].findIndex((number) => number !== null);
    }
    const map = one(".map", section);
    const across = ratios.length > 1 ? ratios.length : layers.length;
    map.style.gridTemplateColumns = `repeat(${across}, minmax(0, 1fr))`;
    map.hidden = ratios.length * layers.length > 64;
    map.replaceChildren(...rows.flatMap((row, i) => row.map((number, j) => {
      const picture = number === null ? [] : [make("img", { src: source(number), alt: "" })];
      const button = make("button", { type: "button", tabindex: -1 }, ...picture);
      button.addEventListener("click", () => { depth.value = i; ratio.value = j; look(); });
      return button;
    })));
    look();
  }

  function look() {
    const { ratios, layers, cells: rows } = plane();
    const i = Number(depth.value), j = Number(ratio.value), number = rows[i][j];
    ratio.setAttribute("aria-valuetext", `alpha/beta ${ratios[j]}`);
    depth.setAttribute("aria-valuetext", layers[i]);
    all(".map button", section).forEach((b, k) => b.classList.toggle("here", k === i * ratios.length + j));
    for (const [slider, at] of [[ratio, j], [depth, i]]) {
      const marks = all(".ticks span", slider.parentElement);
      if (marks.length - 1 === Number(slider.max)) marks.forEach((mark, k) => mark.classList.toggle("here", k === at));
    }
    const button = one(".picture", stage), hole = one(".hole", stage), image = one("img", stage);
    button.hidden = number === null;
    hole.hidden = number !== null;
    if (number === null) {
      hole.style.height = `${stage.clientWidth}px`;
      one("figcaption", stage).textContent = `No picture at α/β ${ratios[j]}, ${layers[i]}.`;
      return;
    }
    const cell = cells[number];
    image.src = source(number);
    image.alt = cell.caption;
    button.dataset.cell = number;
    one("figcaption", stage).replaceChildren(`${cell.caption} `,
      make("span", { class: "quiet" }, `${cell.name}, total loss ${digits(cell.losses.total)}`));
    one(".sources", section).replaceChildren(...cell.inputs.map((k) => make("figure", {},
      make("img", { src: one(`#input-${k} img`).src, alt: report.inputs[k].title }),
      make("figcaption", {}, report.inputs[k].title))));
  }
  choice.addEventListener("change", start);
  for (const slider of [ratio, depth]) slider.addEventListener("input", look);
  start();
}
