// One picture large, with what is known about it; and the figures.
const zoom = one("#zoom");
const views = { Sums: ["total", "content", "style"], Layers: null, Gradient: ["gradient"] };
let shown = 0;
let view = "Sums";
let order = [];

function linesOf(number) {
  const names = Object.keys(curves()[number]).filter((name) => name !== "evaluations");
  const wanted = views[view] ?? names.filter((name) => name.includes(" "));
  const used = {};
  return wanted.filter((name) => names.includes(name)).map((name) => {
    const colour = name.split(" ")[0];
    used[colour] = (used[colour] ?? -1) + 1;
    return { points: points(number, name), label: name.split(" ").at(-1), colour, dash: used[colour] % 5 };
  });
}

function fill(list, pairs) {
  list.replaceChildren(...pairs.flatMap(([key, value]) => [make("dt", {}, key), make("dd", {}, value)]));
}

function show(number) {
  const cell = cells[number];
  shown = number;
  one("h2", zoom).textContent = cell.caption;
  const large = one(".large", zoom);
  large.src = source(number);
  large.alt = `${cell.name}: ${cell.caption}`;
  const inputs = cell.inputs.map((i) => [report.inputs[i].role.toLowerCase(), report.inputs[i].title]);
  const messages = cell.messages.map((message) => ["note", message]);
  fill(one(".notes dl", zoom), [["folder", cell.name], ...inputs,
    ...settingsOf(cell).filter(([key]) => key !== "content" && key !== "style"), ...resultsOf(cell), ...messages]);
  one(".links", zoom).replaceChildren(make("a", { href: cell.original }, "image.png as it was computed"));
  chooseView(number);
  play(trajectories()[number]);
  const place = order.indexOf(number);
  // Not disabled: the focus, and with it the arrow keys, would be lost.
  one("[data-step='-1']", zoom).ariaDisabled = String(place <= 0);
  one("[data-step='1']", zoom).ariaDisabled = String(place < 0 || place === order.length - 1);
}

function chooseView(number) {
  const names = Object.keys(curves()[number]);
  const offered = ["Sums", "Layers", ...(names.includes("gradient") ? ["Gradient"] : [])];
  if (!offered.includes(view)) view = "Sums";
  one(".choice", zoom).replaceChildren(...offered.map((name) => {
    const input = make("input", { type: "radio", name: "view", value: name });
    input.checked = name === view;
    input.addEventListener("change", () => { view = name; drawZoom(); });
    return make("label", {}, input, name);
  }));
  drawZoom();
}

let opener = null;
function enlarge(number) {
  opener = document.activeElement;
  order = all("#pictures [data-cell]").filter((item) => !item.closest("[hidden]"))
    .map((item) => Number(item.dataset.cell));
  if (!zoom.open) zoom.showModal();
  show(number);
}

function step(by) {
  const next = order[order.indexOf(shown) + by];
  if (next !== undefined) show(next);
}

// The trajectory: frames side by side in one strip, drawn one at a time.
let timer = 0;
function play(trajectory) {
  clearInterval(timer);
  one(".trajectory", zoom).hidden = !trajectory;
  if (!trajectory) return;
  const strip = one(".strip", zoom), canvas = one("canvas", zoom), slider = one(".player input", zoom);
  const last = trajectory.evaluations.length - 1;
  const frame = () => {
    const width = strip.naturalWidth / (last + 1), i = Number(slider.value);
    canvas.width = width;
    canvas.height = strip.naturalHeight;
    canvas.getContext("2d").drawImage(strip, i * width, 0, width, strip.naturalHeight, 0, 0, width, strip.naturalHeight);
    slider.setAttribute("aria-valuetext", `evaluation ${trajectory.evaluations[i]}`);
    one(".player output", zoom).textContent = trajectory.evaluations[i];
  };
  const button = one(".play", zoom);
  const stop = () => { clearInterval(timer); button.textContent = "Play"; button.dataset.playing = ""; };
  slider.max = last;
  slider.value = last;
  slider.oninput = () => { stop(); frame(); };
  strip.alt = `The picture after ${trajectory.evaluations.join(", ")} evaluations`;
  strip.onload = frame;
  strip.src = trajectory.strip;
  stop();
  button.onclick = () => {
    if (button.dataset.playing) return stop();
    if (Number(slider.value) === last) slider.value = 0;
    button.textContent = "Pause";
    button.dataset.playing = "yes";
    frame();
    timer = setInterval(() => { slider.value = Number(slider.value) + 1; frame(); if (Number(slider.value) === last) stop(); }, 450);
  };
}

let drawZoom = () => {};
if (zoom) {
  const box = one(".chart", zoom);
  drawZoom = chart(box, () => linesOf(shown));
  box.setAttribute("aria-label", "Losses against evaluations, both axes logarithmic");
  zoom.addEventListener("keydown", (event) => {
    if (event.target.matches("input") || event.target.closest(".wide")) return;
    if (event.key === "ArrowLeft") step(-1);
    if (event.key === "ArrowRight") step(1);
  });
  zoom.addEventListener("close", () => {
    clearInterval(timer);
    if (opener?.closest(".gallery")) one(`#cell-${shown} [data-cell]`).focus();
  });
  for (const button of all("[data-step]", zoom)) button.addEventListener("click", () => step(Number(button.dataset.step)));
  document.addEventListener("click", (event) => {
    const item = event.target.closest("[data-cell]");
    if (item) enlarge(Number(item.dataset.cell));
  });
}
for (const button of all("[data-plate]")) {
  button.addEventListener("click", () => {
    const small = one("img", button), large = one("#plate img");
    large.src = small.src;
    large.alt = small.alt;
    one("#plate").showModal();
  });
}
for (const button of all("[data-close]")) button.addEventListener("click", () => button.closest("dialog").close());
