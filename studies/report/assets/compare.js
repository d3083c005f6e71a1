// Two pictures side by side, and only what differs between them.
const sides = all(".compare figure");
if (sides.length) {
  const chosen = () => sides.map((side) => Number(one("select", side).value));

  function options() {
    return all("#pictures .group").map((group) => make("optgroup", { label: one("h3", group).firstChild.textContent.trim() },
      ...all("[data-cell]", group).map(({ dataset }) => make("option", { value: dataset.cell }, cells[dataset.cell].name))));
  }

  function rows(first, second) {
    const keys = [...Object.keys(first.settings).map((key) => [key, first.settings[key], second.settings[key]])];
    const results = new Map(resultsOf(second));
    const measured = resultsOf(first).map(([key, value]) => [key, value, results.get(key) ?? ""]);
    return [...keys, ...measured].filter(([, a, b]) => a !== b);
  }

  function compare() {
    const numbers = chosen(), [first, second] = numbers.map((number) => cells[number]);
    sides.forEach((side, i) => {
      const image = one("img", side);
      image.src = source(numbers[i]);
      image.alt = cells[numbers[i]].caption;
      one(".picture", side).dataset.cell = numbers[i];
    });
    const lines = rows(first, second).map((texts) => make("tr", {},
      ...texts.map((text, i) => make(i ? "td" : "th", i ? {} : { scope: "row" }, text))));
    one(".compare tbody").replaceChildren(...(lines.length ? lines : [make("tr", {}, make("td", { colspan: 3 }, "Nothing differs."))]));
    redraw();
  }

  const redraw = chart(one(".compare .chart"), () => chosen().map((number, i) => (
    { points: points(number, "total"), label: ["first", "second"][i], colour: "total", dash: i })));
  // At first: the ends of the deepest row of the largest plane.
  const row = report.planes[largest(report.planes)]?.cells.at(-1).filter((number) => number !== null) ?? [];
  const first = row.length > 1 ? [row[0], row.at(-1)] : [0, 1];
  sides.forEach((side, i) => {
    const select = one("select", side);
    select.append(...options());
    select.value = first[i];
    select.addEventListener("change", compare);
  });
  compare();
}
