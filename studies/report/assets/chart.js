// Lines on logarithmic axes, drawn for the width that they have.
function svg(tag, attributes, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text) element.textContent = text;
  return element;
}

const superscript = (n) => String(n).replace(/[-\d]/g, (c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]);
const powerOfTen = (n) => (n >= 0 && n < 4 ? String(10 ** n) : `10${superscript(n)}`);

function scale(values, from, to) {
  const low = Math.log10(Math.min(...values)), high = Math.log10(Math.max(...values));
  const middle = (low + high) / 2, half = Math.max((high - low) / 2, 0.15);
  const at = (value) => from + ((Math.log10(value) - middle + half) / (2 * half)) * (to - from);
  const ticks = [];
  const step = Math.ceil((2 * half) / 7);
  for (let n = Math.floor(middle - half); n <= middle + half; n++) {
    if (n % step === 0) for (const m of 2 * half < 1.2 ? [1, 2, 5] : [1]) ticks.push([m * 10 ** n, m, n]);
  }
  const inside = ([value]) => Math.abs(Math.log10(value) - middle) <= half + 1e-9;
  const label = (m, n) => (m === 1 ? powerOfTen(n) : String(Number((m * 10 ** n).toPrecision(1))));
  return { at, ticks: ticks.filter(inside).map(([value, m, n]) => [value, label(m, n)]) };
}

// Labels at the ends of the lines, pushed apart until none covers another.
function endLabels(lines, x, low, high) {
  const labels = lines.filter((line) => line.label).map((line) => ({ line, y: line.end }));
  labels.sort((a, b) => a.y - b.y);
  labels.forEach((label, i) => { if (i) label.y = Math.max(label.y, labels[i - 1].y + 14); });
  for (let i = labels.length - 1, limit = high; i >= 0; i--, limit -= 14) {
    labels[i].y = Math.max(low, Math.min(labels[i].y, limit));
  }
  return labels.map(({ line, y }) => svg("text", { x, y: y + 4, class: line.colour }, line.label));
}

// `lines`: {points: [[evaluation, loss], ...], label, colour, dash}. Returns the paths and the scales.
function draw(box, lines) {
  const drawn = lines.map((line) => ({ ...line, points: line.points.filter(([, y]) => y > 0) }))
    .filter((line) => line.points.length);
  box.replaceChildren();
  if (!drawn.length) return null;
  const width = box.clientWidth, height = box.clientHeight;
  const widest = Math.max(0, ...drawn.map((line) => (line.label ?? "").length));
  const right = width - (widest ? 12 + 7 * widest : 8), left = 48, top = 10, bottom = height - 40;
  const x = scale(drawn.flatMap((line) => line.points.map((p) => p[0])), left, right);
  const y = scale(drawn.flatMap((line) => line.points.map((p) => p[1])), bottom, top);
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  for (const [value, label] of y.ticks) {
    picture.append(svg("line", { class: "grid", x1: left, x2: right, y1: y.at(value), y2: y.at(value) }),
      svg("text", { x: left - 8, y: y.at(value) + 4, "text-anchor": "end" }, label));
  }
  for (const [value, label] of x.ticks) {
    picture.append(svg("text", { x: x.at(value), y: bottom + 20, "text-anchor": "middle" }, label));
  }
  picture.append(svg("text", { x: (left + right) / 2, y: height - 4, "text-anchor": "middle" }, "evaluations"));
  for (const line of drawn) {
    const d = line.points.map(([a, b], i) => `${i ? "L" : "M"}${x.at(a).toFixed(1)} ${y.at(b).toFixed(1)}`);
    line.path = svg("path", { d: d.join(""), class: `${line.colour ?? ""} dash${line.dash ?? 0}` });
    line.end = y.at(line.points.at(-1)[1]);
    picture.append(line.path);
  }
  picture.append(...endLabels(drawn, right + 8, top, bottom));
  box.append(picture);
  return { lines: drawn, x, y };
}

// Draws when the box is first seen, and again when its width changes or something is printed.
function chart(box, lines, after = () => {}) {
  const redraw = () => { if (box.clientWidth) after(draw(box, lines())); };
  let width = 0;
  new ResizeObserver(() => {
    if (seen && box.clientWidth !== width) { width = box.clientWidth; redraw(); }
  }).observe(box);
  let seen = false;
  new IntersectionObserver(([entry], observer) => {
    if (!entry.isIntersecting) return;
    observer.disconnect();
    seen = true;
    width = box.clientWidth;
    redraw();
  }, { rootMargin: "300px" }).observe(box);
  addEventListener("beforeprint", redraw);
  return redraw;
}

const points = (number, name) =>
  curves()[number].evaluations.map((n, i) => [n, curves()[number][name]?.[i] ?? 0]);
