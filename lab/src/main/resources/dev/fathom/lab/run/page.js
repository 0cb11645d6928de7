"use strict";
// Animations: frames are stacked, one is shown.
for (const figure of document.querySelectorAll("[data-frames]")) {
  const frames = [...figure.querySelectorAll(".frame-of")];
  const player = document.createElement("div");
  player.className = "player";
  const button = document.createElement("button");
  const slider = document.createElement("input");
  slider.type = "range";
  slider.max = frames.length - 1;
  slider.setAttribute("aria-label", "frame");
  player.append(button, slider);
  figure.querySelector(".frames").after(player);
  let timer = 0;
  const show = (i) => {
    frames.forEach((frame, k) => (frame.hidden = k !== i));
    slider.value = i;
  };
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    button.textContent = "▶ play";
  };
  const play = () => {
    button.textContent = "❚❚ pause";
    timer = setInterval(() => {
      const next = Number(slider.value) + 1;
      if (next < frames.length) show(next);
      else stop();
    }, 1000 / Number(figure.dataset.frames));
  };
  button.onclick = () => {
    if (timer) return stop();
    if (Number(slider.value) === frames.length - 1) show(0);
    play();
  };
  slider.oninput = () => {
    stop();
    show(Number(slider.value));
  };
  stop();
  show(frames.length - 1);
}
// Surfaces: cells are sorted by depth and painted from the back.
for (const figure of document.querySelectorAll("[data-surface]")) {
  const { x, y, z, colours } = JSON.parse(figure.dataset.surface);
  const flat = z.flat().filter(Number.isFinite);
  const low = Math.min(...flat), high = Math.max(...flat);
  const level = (v) => (high > low ? (v - low) / (high - low) : 0.5);
  const canvas = document.createElement("canvas");
  const svg = figure.querySelector("svg");
  let turn = -0.6, tilt = 0.55, zoom = 1, held = null;
  const draw = () => {
    const box = figure.clientWidth, tall = box * 0.6, sharp = devicePixelRatio || 1;
    canvas.width = box * sharp;
    canvas.height = tall * sharp;
    const pen = canvas.getContext("2d");
    pen.scale(sharp, sharp);
    pen.lineWidth = 0.5;
    const scale = 0.34 * box * zoom;
    const ct = Math.cos(turn), st = Math.sin(turn), ce = Math.cos(tilt), se = Math.sin(tilt);
    const place = (a, b, c) => {
      const across = (a * ct - b * st) / Math.SQRT2, along = (a * st + b * ct) / Math.SQRT2;
      const up = (c - 0.5) * 0.7;
      return [box / 2 + across * scale, tall * 0.5 - (up * ce + along * se) * scale, along * ce - up * se];
    };
    const side = (i, n) => (n > 1 ? (2 * i) / (n - 1) - 1 : 0);
    const ink = getComputedStyle(document.body).color;
    pen.strokeStyle = ink;
    pen.beginPath();
    [[-1, -1], [1, -1], [1, 1], [-1, 1]].forEach(([a, b], k) => {
      const p = place(a, b, 0);
      if (k) pen.lineTo(p[0], p[1]);
      else pen.moveTo(p[0], p[1]);
    });
    pen.closePath();
    pen.stroke();
    const cells = [];
    for (let i = 0; i + 1 < z.length; i++)
      for (let j = 0; j + 1 < z[0].length; j++) {
        const corners = [[i, j], [i, j + 1], [i + 1, j + 1], [i + 1, j]];
        const points = corners.map(([r, c]) => place(side(c, z[0].length), side(r, z.length), level(z[r][c])));
        cells.push({
          points,
          depth: points.reduce((s, p) => s + p[2], 0),
          share: corners.reduce((s, [r, c]) => s + level(z[r][c]) / 4, 0),
        });
      }
    cells.sort((a, b) => b.depth - a.depth);
    pen.strokeStyle = "rgba(0,0,0,.2)";
    for (const cell of cells) {
      pen.fillStyle = colours[Math.round(cell.share * (colours.length - 1))];
      pen.beginPath();
      cell.points.forEach((p, k) => (k ? pen.lineTo(p[0], p[1]) : pen.moveTo(p[0], p[1])));
      pen.closePath();
      pen.fill();
      pen.stroke();
    }
    pen.fillStyle = ink;
    pen.font = "14px sans-serif";
    pen.textAlign = "center";
    for (const [label, a, b] of [[figure.dataset.x, 0, -1.2], [figure.dataset.y, 1.2, 0]]) {
      const p = place(a, b, 0);
      pen.fillText(label, p[0], p[1] + 5);
    }
    pen.textAlign = "right";
    pen.fillText(figure.dataset.range, box - 16, tall - 12);
    pen.textAlign = "left";
    pen.font = "600 17px sans-serif";
    pen.fillText(figure.dataset.title, 12, 28);
  };
  canvas.onpointerdown = (e) => {
    held = [e.clientX, e.clientY];
    canvas.setPointerCapture(e.pointerId);
  };
  canvas.onpointerup = () => (held = null);
  canvas.onpointermove = (e) => {
    if (!held) return;
    turn += (e.clientX - held[0]) / 120;
    tilt = Math.max(-1.5, Math.min(1.5, tilt + (e.clientY - held[1]) / 160));
    held = [e.clientX, e.clientY];
    draw();
  };
  canvas.ondblclick = () => {
    turn = -0.6;
    tilt = 0.55;
    zoom = 1;
    draw();
  };
  svg.replaceWith(canvas);
  addEventListener("resize", draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  addEventListener("beforeprint", () => canvas.replaceWith(svg));
  addEventListener("afterprint", () => (svg.replaceWith(canvas), draw()));
  draw();
}
