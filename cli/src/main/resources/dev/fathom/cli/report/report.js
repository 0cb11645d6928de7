'use strict';
(() => {
  const charts = JSON.parse(document.getElementById('charts').textContent);
  const places = [...document.querySelectorAll('[data-chart]')];
  let plots = [];

  const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const asShare = v => v == null ? '' : (100 * v).toFixed(1) + ' %';
  const asNumber = v => v == null ? '' : Number(v.toPrecision(4)).toString();
  // the legend shows the last value while nothing is pointed at
  const last = values => values.findLast(v => v != null && v !== '');

  function draw(place, width) {
    const chart = charts[place.dataset.chart];
    const text = chart.share ? asShare : asNumber;
    const ink = colour('--faint'), rule = colour('--rule');
    const axis = { stroke: ink, grid: { stroke: rule, width: 1 }, ticks: { stroke: rule, width: 1 } };
    const few = chart.x.length <= 40;
    const options = {
      width: width, height: 260,
      scales: { x: { time: false } },
      axes: [
        { ...axis, label: chart.axis, labelSize: 20, size: 36, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] },
        { ...axis, size: 58, values: (_, marks) => marks.map(chart.share ? v => Number((100 * v).toPrecision(4)) + ' %' : asNumber) }
      ],
      series: [{ label: chart.axis, value: (_, v) => String(v ?? last(chart.x)) }].concat(
        chart.series.map((s, i) => ({
          label: s.name, stroke: colour('--series-' + i % 4), width: 2, spanGaps: true,
          points: { show: few, size: 5, fill: colour('--series-' + i % 4) },
          value: (_, v) => text(v ?? last(s.values))
        })))
    };
    const gap = v => v === '' ? null : v;
    const data = [chart.x].concat(chart.series.map(s => s.values.map(gap)));
    return new uPlot(options, data, place);
  }

  function drawAll() {
    plots.forEach(p => p.destroy());
    plots = places.map(place => draw(place, Math.max(240, place.clientWidth)));
  }

  drawAll();
  let timer = 0;
  addEventListener('resize', () => { clearTimeout(timer); timer = setTimeout(drawAll, 100); });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
  matchMedia('print').addEventListener('change', drawAll);
})();
