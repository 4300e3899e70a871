// The simple and complex cell lab. Turned by 180°, the even field stays as it is and the odd one
// changes its sign. So to a grating of phase φ they answer a·cos φ and −b·sin φ.
(() => {
  const { box, core, folded, h, ...XP } = window.XP;
  const SIZE = 33; // pixels of a field's side
  const MIDDLE = (SIZE - 1) / 2;
  const SCREEN = 65; // pixels of the stimulus' side
  const FRAMES = 64; // in one cycle
  const STEP = 360 / FRAMES; // degrees of phase from frame to frame
  const LEAST = 0.0005; // what is smaller is printed as 0.000
  const upTo = (count) => [...Array(count).keys()];
  const cos = (degrees) => Math.cos((degrees * Math.PI) / 180);
  const sin = (degrees) => Math.sin((degrees * Math.PI) / 180);
  const PHASES = upTo(FRAMES).map((k) => k * STEP);

  const MODELS = {
    linear: "linear: even",
    rectified: "half-rectified: [even]₊",
    squared: "half-squared: [even]₊²",
    energy: "energy: even² + odd²",
    root: "root of energy: √(even² + odd²)",
    two: "two, 90° apart: [even]₊ + [odd]₊",
    pooling: "pooling: largest of the subunits",
  };
  // The models without a threshold, here and in Python.
  const PLAIN = {
    linear: [(even) => even, "even"],
    energy: [(even, odd) => even ** 2 + odd ** 2, "even**2 + odd**2"],
    root: [(even, odd) => Math.hypot(even, odd), "torch.hypot(even, odd)"],
  };

  const choice = (label, usual, options) => ({ label, default: usual, options });
  const field = (label, usual, min, max, step, unit) =>
    ({ label, default: usual, min, max, step, unit });
  const PHASE = { phase: field("Phase", 0, 0, 360 - STEP, STEP, "degrees") };
  const CURVE = {
    model: choice("Model", "rectified", MODELS),
    subunits: field("Number of subunits", 4, 1, 16, 1),
    threshold: field("Threshold", 0, -50, 150, 0.5),
    contrast: field("Contrast", 1, 0, 1, 0.01),
  };
  // More than three flashes a second are not safe.
  const GRATING = {
    orientation: field("Orientation of the grating", 0, 0, 179, 1, "degrees"),
    frequency: field("Spatial frequency", 0.125, 0, 0.25, 0.001, "cycles per pixel"),
    temporal: field("Temporal frequency", 0.5, 0.5, 3, 0.5, "cycles per second"),
    direction: choice("Direction", "up", { up: "phase rises", down: "phase falls" }),
  };
  const CELL = {
    cellOrientation: field("Orientation of the cell", 0, 0, 179, 1, "degrees"),
    wavelength: field("Wavelength", 8, 4, 20, 0.5, "pixels"),
    sigma: field("σ across the bars", 0.5, 0.2, 1, 0.01, "wavelengths"),
    aspect: field("Aspect", 1, 0.25, 2, 0.05, "σ across / σ along the bars"),
    leak: field("DC leak", 0, 0, 1, 0.01, "share of the Gaussian added to the even field"),
  };
  const FIELDS = { ...PHASE, ...CURVE, ...GRATING, ...CELL };

  // How far the even field is moved (degrees of phase) for each of a model's rectified cells.
  const moves = ({ model, subunits }) =>
    ({ two: [0, 90], pooling: upTo(subunits).map((k) => (360 * k) / subunits) })[model] ?? [0];
  const responder = (state) => {
    if (PLAIN[state.model]) return PLAIN[state.model][0];
    const power = state.model === "squared" ? 2 : 1;
    const waves = moves(state).map((move) => [cos(move), sin(move)]);
    return (even, odd) => {
      let output = 0;
      for (const [c, s] of waves) {
        const cell = Math.max(0, c * even + s * odd - state.threshold) ** power;
        output = state.model === "two" ? output + cell : Math.max(output, cell);
      }
      return output;
    };
  };

  const receptiveFields = ({ cellOrientation, wavelength, sigma, aspect, leak }) => {
    const gabor = (period, phase) =>
      core.gabor(SIZE, period, cellOrientation, { phase, sigma: sigma * wavelength, aspect });
    const gaussian = gabor(Infinity, 0);
    const even = gabor(wavelength, 0);
    gaussian.data.forEach((value, i) => (even.data[i] += leak * value));
    return { even, odd: gabor(wavelength, -Math.PI / 2), gaussian };
  };

  // a and b, from waves of x and of y.
  const gains = ({ even, odd }, frequency, orientation, contrast) => {
    const places = upTo(SIZE).map((i) => 360 * frequency * (i - MIDDLE));
    const waves = (part) => [cos, sin].map((wave) => places.map((at) => wave(at * part)));
    const [cosX, sinX] = waves(cos(orientation));
    const [cosY, sinY] = waves(sin(orientation));
    let a = 0;
    let b = 0;
    for (let y = 0, i = 0; y < SIZE; y++)
      for (let x = 0; x < SIZE; x++, i++) {
        a += even.data[i] * (cosX[x] * cosY[y] - sinX[x] * sinY[y]);
        b += odd.data[i] * (sinX[x] * cosY[y] + cosX[x] * sinY[y]);
      }
    return [(a * contrast) / 2, (b * contrast) / 2];
  };

  const compute = (state) => {
    const { orientation, frequency, contrast, phase } = state;
    const fields = receptiveFields(state);
    const order = PHASES.map((at) => (state.direction === "up" ? at : (360 - at) % 360));
    const cycle = (respond, phases, ...grating) => {
      const [a, b] = gains(fields, ...grating);
      const even = phases.map((at) => a * cos(at));
      const odd = phases.map((at) => -b * sin(at));
      return { even, odd, output: even.map((value, k) => respond(value, odd[k])) };
    };
    const respond = responder(state);
    const answers = cycle(respond, order, frequency, orientation, contrast);
    const map = core.image(180, FRAMES);
    for (let angle = 0; angle < 180; angle++)
      map.data.set(cycle(respond, PHASES, frequency, angle, contrast).output, angle * FRAMES);
    // The scale: what the cell answers to its own grating at contrast 1.
    const open = responder({ ...state, threshold: Math.min(0, state.threshold) });
    const best = cycle(open, PHASES, 1 / state.wavelength, state.cellOrientation, 1).output;
    const harmonics = core.harmonics(answers.output);
    return {
      fields,
      stimulus: core.sineGrating(SCREEN, SCREEN, 1 / frequency, orientation, {
        phase: (phase * Math.PI) / 180,
        contrast,
      }),
      phases: order,
      frame: order.indexOf(phase),
      answers,
      most: fields.even.data.reduce((sum, value) => sum + Math.abs(value) / 2, 0), // to any image
      span: [Math.min(...answers.output), Math.max(...answers.output)],
      limit: Math.max(...[...best, ...map.data].map(Math.abs)),
      harmonics,
      ratio: harmonics[0] < LEAST ? NaN : core.modulationRatio(answers.output),
      map,
      rim: Math.max(...fields.gaussian.data.filter((_, i) => i < SIZE || i % SIZE === 0)),
      uniform: core.sum(fields.even) / 2,
    };
  };

  // As in Python, and no minus before 0.
  const shown = (value) => (Math.round(value * 1000) / 1000 + 0).toFixed(3).replace("-", "−");
  const now = ({ answers, frame, phases }) => {
    const [even, odd, output] = Object.values(answers).map((values) => shown(values[frame]));
    return `At phase ${phases[frame]} degrees: even ${even}, odd ${odd}, output ${output}.`;
  };
  const brief = (value) => XP.number(+value.toFixed(4), 3);
  const range = ([low, high]) => `from ${brief(low)} to ${brief(high)}`;
  const BARS = ["F0, the mean", "F1, once a cycle", "F2, twice a cycle"];
  const modulation = ({ harmonics, ratio, limit }) => [
    ...harmonics.map((value, n) => [BARS[n], shown(value), value / limit]),
    ["F1/F0, line at 1", Number.isNaN(ratio) ? "—" : shown(ratio), (ratio || 0) / 2],
  ];
  const verdict = ({ ratio, span }) => {
    if (ratio > 1) return "Above 1: called simple.";
    if (Number.isNaN(ratio)) return span[1] < LEAST ? "No answer to speak of." : "The mean is 0.";
    const more = span[0] < 0.9 * span[1] ? ` But it changes with the phase: ${range(span)}.` : "";
    return `Not above 1: called complex.${more}`;
  };
  const help = (state) => {
    const { model, subunits } = state;
    if (model !== "pooling") return PLAIN[model] ? "" : "[x]₊ is x − threshold, at least 0.";
    const degrees = `by ${moves(state).join(", ")} degrees of phase`;
    const how = subunits > 4 ? `in ${subunits} even steps over a cycle` : degrees;
    return `Subunits: the half-rectified even field, moved ${how}; the largest counts.`;
  };
  const summary = ({ model }, found) =>
    `${MODELS[model]}. F1/F0: ${modulation(found)[3][1]}. ${verdict(found)}`;

  const torch = (state, { frame }) => {
    const { model, orientation, frequency, contrast, cellOrientation, leak } = state;
    const sigma = +(state.sigma * state.wavelength).toFixed(6);
    const sign = state.direction === "up" ? "" : "-";
    const power = model === "squared" ? 2 : 1;
    const cells = `moves = torch.tensor([${moves(state)}]).double().deg2rad()[:, None]
cells = torch.relu(moves.cos() * even + moves.sin() * odd - ${state.threshold}) ** ${power}
output = cells.${model === "two" ? "sum" : "amax"}(0)`;
    const output = PLAIN[model] ? "output = " + PLAIN[model][1] : cells;
    return `import convtools
import torch
shape = {"sigma": ${sigma}, "aspect": ${state.aspect}}
pair = convtools.quadrature_pair(${SIZE}, ${state.wavelength}, ${cellOrientation}, **shape).double()
pair[0] += ${leak} * convtools.gabor(${SIZE}, 1e9, ${cellOrientation}, **shape)
gratings = torch.stack([
    convtools.sine_grating(
        (${SIZE}, ${SIZE}), 1 / max(${frequency}, 1e-9), ${orientation},
        phase=${sign}2 * torch.pi * k / ${FRAMES}, contrast=${contrast})
    for k in range(${FRAMES})])
even, odd = (pair[:, None] * gratings).sum((2, 3))
${output}
print("even, odd, output:", *[f"{x[${frame}]:z.3f}" for x in (even, odd, output)])
waves = torch.fft.rfft(output)[:3].abs() * torch.tensor([1, 2, 2]) / ${FRAMES}
print("F0, F1, F2:", *[f"{x:.3f}" for x in waves])
ratio = convtools.modulation_ratio(output)
print("F1/F0:", f"{ratio:.3f}" if output.mean() >= ${LEAST} else "—")`;
  };

  const panel = (title, ...children) => box("", h("p", { class: "xp-title" }, title), ...children);

  const overlaid = (picture, side, ...drawings) => {
    const viewBox = `${-side / 2} ${-side / 2} ${side} ${side}`;
    return box("xp-overlaid", picture, h("svg", { viewBox, "aria-hidden": "true" }, ...drawings));
  };

  // The stimulus, with the field's Gaussian at two σ.
  const makeStimulus = () => {
    const picture = XP.picture("", { tabindex: 0 });
    const outline = h("path");
    const draw = ({ orientation, cellOrientation, wavelength, sigma, aspect }, { stimulus }) => {
      const across = 2 * sigma * wavelength;
      const half = `A${across} ${across / aspect} 0 0 0`;
      picture.draw(stimulus, 0.5);
      outline.setAttribute("d", `M${-across} 0${half} ${across} 0${half} ${-across} 0`);
      outline.setAttribute("transform", `rotate(${cellOrientation})`);
      picture.element.setAttribute(
        "aria-label",
        `Grating: ${orientation} degrees, receptive field: ${cellOrientation} degrees`,
      );
    };
    return { element: overlaid(picture.element, SCREEN, outline), draw };
  };

  // A receptive field, with its signs at places across the bars, given in wavelengths.
  const makeField = (name, places) => {
    const picture = XP.picture(`${name} receptive field`, { signed: true });
    const signs = places.map(() => h("text", { dy: "0.35em" }));
    const draw = ({ cellOrientation, wavelength }, kernel) => {
      const limit = Math.max(...kernel.data);
      picture.draw(kernel, limit);
      signs.forEach((sign, i) => {
        const across = places[i] * wavelength;
        const [x, y] = [cos, sin].map((wave) => Math.round(across * wave(cellOrientation)));
        const value = kernel.data[(y + MIDDLE) * SIZE + x + MIDDLE];
        sign.setAttribute("transform", `translate(${x} ${y})`);
        sign.textContent = Math.abs(value) < limit / 10 ? "" : value > 0 ? "+" : "−";
      });
    };
    return { element: panel(`${name} field`, overlaid(picture.element, SIZE, ...signs)), draw };
  };

  const makePlayer = ({ get, set, place }) => {
    const go = (frames) => {
      const { phase, direction } = get();
      set({ phase: (phase + 360 + (direction === "up" ? frames : -frames) * STEP) % 360 });
    };
    const player = XP.player(() => go(2 * get().temporal), () => (2 * 1000) / FRAMES);
    const keys = { " ": () => player.toggle(), ",": () => go(-1), ".": () => go(1) };
    place.addEventListener("keydown", (event) => {
      const { key, target } = event;
      if (!keys[key] || event.ctrlKey || event.metaKey || event.altKey) return;
      if (target.matches("select, input:not([type='range'])")) return;
      if (key === " " && target.matches("button, summary, a, [role='region']")) return;
      event.preventDefault();
      keys[key]();
    });
    const steps = [XP.button("Frame back", keys[","]), XP.button("Frame on", keys["."])];
    return box("xp-tools", player.element, ...steps);
  };

  const build = (view) => {
    const groups = [];
    const controls = (fields, kind = "xp-columns") => {
      const parent = box(kind);
      groups.push(XP.controls(parent, fields, view));
      return parent;
    };
    const stimulus = makeStimulus();
    const evenField = makeField("Even", [-0.5, 0, 0.5]);
    const oddField = makeField("Odd", [-0.25, 0.25]);
    const [outputs, answers] = ["output", "answer"].map((name) => XP.chart("time (seconds)", name));
    const circle = XP.chart("even", "odd");
    const plane = XP.chart("phase (degrees)", "orientation (degrees)");
    const map = XP.picture("", { signed: true, role: false, "aria-hidden": "true" });
    const bars = h("tbody");
    const [said, spanned, judged, helped, scale, cut, uniform] = upTo(7).map(() => h("p"));
    const overTime = XP.table("Answers over time", ["seconds", "phase", "even", "odd", "output"]);
    const overMap = XP.table("Map", ["orientation", ...upTo(8).map((k) => `phase ${45 * k}`)]);
    view.root.append(
      box(
        "xp-columns",
        box(
          "",
          stimulus.element,
          h("p", {}, "Ring: where the cell looks, out to 2σ. Here 65 × 65 pixels, fields 33 × 33."),
          makePlayer(view),
          controls(PHASE, ""),
          h("p", {}, "Keys: Space plays; comma and full stop step back and on."),
        ),
        box(
          "",
          controls(CURVE, ""),
          helped,
          said,
          outputs.element,
          spanned,
          h("table", { class: "xp-bars" }, bars),
          judged,
        ),
      ),
      box(
        "xp-columns",
        box(
          "",
          box("xp-pair", evenField.element, oddField.element),
          h("p", {}, "Red (+): light adds to the answer. Blue (−): it takes away."),
          cut,
        ),
        panel(
          "Circle: even across, odd up",
          circle.element,
          h("p", {}, "The dashed line's length is the root of the energy."),
        ),
      ),
      panel("Grating", controls(GRATING)),
      folded("Cell", controls(CELL), uniform),
      box(
        "xp-columns",
        panel("Even (solid) and odd (dashed) answer", answers.element),
        panel("Output for other gratings", box("xp-map", map.element, plane.element), scale),
      ),
      overTime.element,
      overMap.element,
    );

    return (state, model) => {
      const { frame, phases, most, limit, fields } = model;
      const hidden = { subunits: state.model !== "pooling", threshold: !!PLAIN[state.model] };
      groups.forEach((show) => show((key) => hidden[key]));
      stimulus.draw(state, model);
      evenField.draw(state, fields.even);
      oddField.draw(state, fields.odd);
      said.textContent = now(model);
      spanned.textContent = `Output ${range(model.span)} over the cycle.`;
      judged.textContent = verdict(model);
      helped.textContent = help(state);
      const light = shown(model.uniform);
      uniform.textContent = `Even answer to an all-white picture (0.5 above grey): ${light}.`;
      const left = Math.round(100 * model.rim);
      cut.hidden = !left;
      cut.textContent = `The fields are cut off where their Gaussian has ${left} % of its height.`;
      bars.replaceChildren(
        ...modulation(model).map(([name, text, part]) => {
          const bar = h("meter", { value: part, "aria-hidden": "true" });
          return h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, bar), h("td", {}, text));
        }),
      );

      const seconds = (k) => k / FRAMES / state.temporal;
      const lists = Object.values(model.answers);
      const round = [...phases.keys(), 0];
      const [even, odd, output] = lists.map((list) => round.map((k, i) => [seconds(i), list[k]]));
      const time = { x: [0, seconds(FRAMES)], marks: [seconds(frame)] };
      const name = (what) => `${what} over one cycle. ${now(model)}`;
      const label = name("Even and odd answer");
      answers.draw({ ...time, y: [-most, most], lines: [even, odd], label });
      const lowest = state.model === "linear" ? -limit : 0;
      outputs.draw({ ...time, y: [lowest, limit], lines: [output], label: name("Output") });
      overTime.draw(() =>
        phases.map((at, k) => [shown(seconds(k)), at, ...lists.map((list) => shown(list[k]))]),
      );

      const point = (k) => [lists[0][k], lists[1][k]];
      const [x, y] = point(frame);
      const wide = (most * 268) / 118; // as the chart is
      circle.draw({
        x: [-wide, wide],
        y: [-most, most],
        lines: [round.map(point), [[0, 0], [x, y]], [[x, y], [x, y]]],
        label: name("Odd by even answer"),
      });

      const { data } = model.map;
      map.draw(model.map, limit);
      const colours = `${lowest ? "full blue" : "no colour"} to full red ${range([lowest, limit])}`;
      scale.textContent = `All orientations: ${colours}. Dashed lines: the grating shown now.`;
      const row = state.orientation + 0.5; // the middle of a pixel
      plane.draw({
        x: [0, 360],
        xTicks: [0, 90, 180, 270, 360],
        y: [180, 0],
        yTicks: [0, 45, 90, 135, 180],
        marks: [state.phase + STEP / 2],
        lines: [[[0, row], [360, row]]],
        label: `Map of the output. ${scale.textContent}`,
      });
      overMap.draw(() =>
        upTo(36).map((i) => [5 * i, ...upTo(8).map((k) => shown(data[5 * i * FRAMES + 8 * k]))]),
      );
    };
  };

  const clean = (given) => XP.clean(FIELDS, given);
  XP.explorable("cell-lab", { clean, compute, build, summary, torch });
})();
