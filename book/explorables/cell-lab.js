// The simple and complex cell lab. Rotated by 180°, the even filter stays the same and the odd one
// changes its sign. So their responses to a grating of phase φ are a·cos φ and −b·sin φ.
(() => {
  const { CHART_ASPECT, PRESSED, TYPED, box, button, controls, core, field } = XP;
  const { folded, format, h, keys, titled, words } = XP;
  const SIZE = 33; // pixels of a filter's side
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

  const PHASE = { phase: field.number("Phase", [0, 360 - STEP, STEP], 0, { unit: "degrees" }) };
  const CURVE = {
    model: field.choice("Model", MODELS, { default: "rectified" }),
    subunits: field.number("Number of subunits", [1, 16, 1], 4),
    threshold: field.number("Threshold", [-50, 150, 0.5], 0),
    contrast: field.number("Contrast", [0, 1, 0.01], 1),
  };
  // More than three flashes a second are not safe.
  const GRATING = {
    orientation: field.number("Orientation of the grating", [0, 179, 1], 0, { unit: "degrees" }),
    frequency: field.number("Spatial frequency", [0, 0.25, 0.001], 0.125, {
      unit: "cycles per pixel",
    }),
    temporal: field.number("Temporal frequency", [0.5, 3, 0.5], 0.5, {
      unit: "cycles per second",
    }),
    direction: field.choice("Direction", { up: "phase rises", down: "phase falls" }),
  };
  const CELL = {
    cellOrientation: field.number("Orientation of the cell", [0, 179, 1], 0, { unit: "degrees" }),
    wavelength: field.number("Wavelength", [4, 20, 0.5], 8, { unit: "pixels" }),
    sigma: field.number("σ across the bars", [0.2, 1, 0.01], 0.5, { unit: "wavelengths" }),
    aspect: field.number("Aspect", [0.25, 2, 0.05], 1, { unit: "σ across / σ along the bars" }),
    leak: field.number("DC leak", [0, 1, 0.01], 0, {
      unit: "share of the Gaussian added to the even filter",
    }),
  };
  const FIELDS = { ...PHASE, ...CURVE, ...GRATING, ...CELL };

  // How far the even filter is shifted (degrees of phase) for each of a model's rectified cells.
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

  const filtersOf = ({ cellOrientation, wavelength, sigma, aspect, leak }) => {
    const gabor = (period, phase) =>
      core.gabor(SIZE, period, cellOrientation, { phase, sigma: sigma * wavelength, aspect });
    const gaussian = gabor(Infinity, 0);
    const even = gabor(wavelength, 0);
    gaussian.data.forEach((value, i) => {
      even.data[i] += leak * value;
    });
    return { even, odd: gabor(wavelength, -Math.PI / 2), gaussian };
  };

  // a and b, from waves of x and of y.
  const gains = ({ even, odd }, frequency, orientation, contrast) => {
    const positions = upTo(SIZE).map((i) => 360 * frequency * (i - MIDDLE));
    const waves = (part) => [cos, sin].map((wave) => positions.map((at) => wave(at * part)));
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

  // Even and odd response, and the output, at each of the phases of a grating.
  const cycle = (filters, respond, phases, ...grating) => {
    const [a, b] = gains(filters, ...grating);
    const even = phases.map((at) => a * cos(at));
    const odd = phases.map((at) => -b * sin(at));
    return { even, odd, output: even.map((value, k) => respond(value, odd[k])) };
  };
  const mapOf = (filters, respond, { frequency, contrast }) => {
    const map = core.image(180, FRAMES);
    for (let angle = 0; angle < 180; angle++) {
      const { output } = cycle(filters, respond, PHASES, frequency, angle, contrast);
      map.data.set(output, angle * FRAMES);
    }
    return map;
  };
  // The scale: the cell's response to its own grating at contrast 1.
  const limitOf = (filters, state, map) => {
    const respond = responder({ ...state, threshold: Math.min(0, state.threshold) });
    const own = [1 / state.wavelength, state.cellOrientation, 1];
    const { output } = cycle(filters, respond, PHASES, ...own);
    return Math.max(...[...output, ...map.data].map(Math.abs));
  };
  const compute = (state) => {
    const { orientation, frequency, contrast, phase } = state;
    const filters = filtersOf(state);
    const { even, gaussian } = filters;
    const phases = PHASES.map((at) => (state.direction === "up" ? at : (360 - at) % 360));
    const respond = responder(state);
    const responses = cycle(filters, respond, phases, frequency, orientation, contrast);
    const map = mapOf(filters, respond, state);
    const harmonics = core.harmonics(responses.output);
    const grating = { phase: (phase * Math.PI) / 180, contrast };
    return {
      filters,
      stimulus: core.sineGrating(SCREEN, SCREEN, 1 / frequency, orientation, grating),
      phases,
      frame: phases.indexOf(phase),
      responses,
      most: even.data.reduce((sum, value) => sum + Math.abs(value) / 2, 0), // to any image
      span: [Math.min(...responses.output), Math.max(...responses.output)],
      limit: limitOf(filters, state, map),
      harmonics,
      ratio: harmonics[0] < LEAST ? NaN : core.modulationRatio(responses.output),
      map,
      rim: Math.max(...gaussian.data.filter((_, i) => i < SIZE || i % SIZE === 0)),
      uniform: core.sum(even) / 2,
    };
  };

  const shown = (value) => format.fixed(value, 3);
  const now = ({ responses, frame, phases }) => {
    const [even, odd, output] = Object.values(responses).map((values) => shown(values[frame]));
    return `At phase ${phases[frame]} degrees: even ${even}, odd ${odd}, output ${output}.`;
  };
  const range = (ends) => format.range(ends, (value) => format.rounded(value, 4, 3));
  const BARS = ["F0, the mean", "F1, once a cycle", "F2, twice a cycle"];
  const RATIO = "F1/F0, line at 1"; // in the middle of its bar
  const ratioWords = ({ ratio }) => (Number.isNaN(ratio) ? "—" : shown(ratio));
  const verdict = ({ ratio, span }) => {
    if (ratio > 1) return "Above 1: called simple.";
    if (Number.isNaN(ratio)) return span[1] < LEAST ? "Practically no response." : "The mean is 0.";
    const more = span[0] < 0.9 * span[1] ? ` But it changes with the phase: ${range(span)}.` : "";
    return `Not above 1: called complex.${more}`;
  };
  const help = (state) => {
    const { model, subunits } = state;
    if (model !== "pooling") return PLAIN[model] ? "" : "[x]₊ is x − threshold, at least 0.";
    const degrees = `by ${moves(state).join(", ")} degrees of phase`;
    const how = subunits > 4 ? `in ${subunits} equal steps over a cycle` : degrees;
    return `Subunits: the half-rectified even filter, shifted ${how}; the output is their maximum.`;
  };
  const summary = ({ model }, found) =>
    `${MODELS[model]}. F1/F0: ${ratioWords(found)}. ${verdict(found)}`;

  const torch = (state, { frame }) => {
    const { model, orientation, frequency, contrast, cellOrientation, leak } = state;
    const sigma = +(state.sigma * state.wavelength).toFixed(6);
    const sign = state.direction === "up" ? "" : "-";
    const power = model === "squared" ? 2 : 1;
    const cells = `moves = torch.tensor([${moves(state)}]).double().deg2rad()[:, None]
cells = torch.relu(moves.cos() * even + moves.sin() * odd - ${state.threshold}) ** ${power}
output = cells.${model === "two" ? "sum" : "amax"}(0)`;
    const output = PLAIN[model] ? `output = ${PLAIN[model][1]}` : cells;
    return `import convtools
import torch
shape = {"sigma": ${sigma}, "aspect": ${state.aspect}, "size": ${SIZE}}
pair = convtools.quadrature_pair(${state.wavelength}, ${cellOrientation}, **shape).double()
pair[0] += ${leak} * convtools.gabor(1e9, ${cellOrientation}, **shape)
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

  const overlaid = (picture, side, kind, ...drawings) => {
    const viewBox = `${-side / 2} ${-side / 2} ${side} ${side}`;
    const drawing = h("svg", { class: kind, viewBox, "aria-hidden": "true" }, ...drawings);
    return box("xp-overlaid", picture, drawing);
  };

  // The stimulus, with the filter's Gaussian at two σ.
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
    return { element: overlaid(picture.element, SCREEN, "cell-outline", outline), draw };
  };

  // A filter, with its signs at positions across the bars, given in wavelengths.
  const makeFilter = (name, positions) => {
    const picture = XP.picture(`${name} filter, weights`, { signed: true });
    const signs = positions.map(() => h("text", { dy: "0.35em" }));
    const draw = ({ cellOrientation, wavelength }, kernel) => {
      const limit = Math.max(...kernel.data);
      picture.draw(kernel, limit);
      signs.forEach((sign, i) => {
        const across = positions[i] * wavelength;
        const [x, y] = [cos, sin].map((wave) => Math.round(across * wave(cellOrientation)));
        const value = kernel.data[(y + MIDDLE) * SIZE + x + MIDDLE];
        sign.setAttribute("transform", `translate(${x} ${y})`);
        sign.textContent = Math.abs(value) < limit / 10 ? "" : value > 0 ? "+" : "−";
      });
    };
    const element = titled(
      `${name} filter`,
      overlaid(picture.element, SIZE, "cell-signs", ...signs),
    );
    return { element, draw };
  };

  const makePlayer = ({ get, set, place }) => {
    const go = (frames) => {
      const { phase, direction } = get();
      set({ phase: (phase + 360 + (direction === "up" ? frames : -frames) * STEP) % 360 });
    };
    const [back, forward] = [() => go(-1), () => go(1)];
    const player = XP.player(
      () => go(2 * get().temporal),
      () => (2 * 1000) / FRAMES,
    );
    keys(place, { ",": back, ".": forward }, TYPED);
    keys(place, { " ": () => player.toggle() }, `${TYPED}, ${PRESSED}`);
    return box(
      "xp-tools",
      player.element,
      button("Frame back", back),
      button("Frame forward", forward),
    );
  };

  // Points of a line over the cycle, which ends where it begins.
  const ROUND = [...upTo(FRAMES), 0];
  const seconds = (k, { temporal }) => k / FRAMES / temporal;
  const overTime = (state, { frame }) => ({
    x: [0, seconds(FRAMES, state)],
    marks: [seconds(frame, state)],
  });
  const line = (kind, values, state) => {
    return { kind, points: ROUND.map((k, i) => [seconds(i, state), values[k]]) };
  };
  const aria = (what, model) => `${what} over one cycle. ${now(model)}`;
  const lowest = ({ model }, { limit }) => (model === "linear" ? -limit : 0);

  const makeOutput = () => {
    const chart = XP.chart("time (seconds)", "output");
    const [at, spanned] = [words(), words()];
    const draw = (state, model) => {
      const { output } = model.responses;
      at.textContent = now(model);
      spanned.textContent = `Output ${range(model.span)} over the cycle.`;
      chart.draw({
        ...overTime(state, model),
        y: [lowest(state, model), model.limit],
        lines: [line("solid", output, state)],
        label: aria("Output", model),
      });
    };
    return { elements: [at, chart.element, spanned], draw };
  };

  const makeBars = () => {
    const rows = h("tbody");
    const judged = words();
    const row = (name, text, part, kind) => {
      const bar = h("meter", { value: part, "aria-hidden": "true" });
      const title = h("th", { scope: "row" }, name);
      return h("tr", {}, title, h("td", { class: kind }, bar), h("td", {}, text));
    };
    const draw = (model) => {
      const { harmonics, limit, ratio } = model;
      rows.replaceChildren(
        ...harmonics.map((value, n) => row(BARS[n], shown(value), value / limit, "cell-bar")),
        row(RATIO, ratioWords(model), (ratio || 0) / 2, "cell-bar cell-bar-ratio"),
      );
      judged.textContent = verdict(model);
    };
    return { elements: [h("table", { class: "xp-bars" }, rows), judged], draw };
  };

  const makeFilters = () => {
    const even = makeFilter("Even", [-0.5, 0, 0.5]);
    const odd = makeFilter("Odd", [-0.25, 0.25]);
    const cut = words();
    const draw = (state, { filters, rim }) => {
      even.draw(state, filters.even);
      odd.draw(state, filters.odd);
      const left = Math.round(100 * rim);
      cut.hidden = !left;
      cut.textContent = `The filters are cut off where their Gaussian has ${left} % of its height.`;
    };
    const element = box(
      "",
      box("xp-pair", even.element, odd.element),
      words("Red (+): light increases the response. Blue (−): light decreases it."),
      cut,
    );
    return { element, draw };
  };

  const makeCircle = () => {
    const chart = XP.chart("even", "odd");
    const draw = (model) => {
      const { most, frame } = model;
      const { even, odd } = model.responses;
      const point = (k) => [even[k], odd[k]];
      const wide = most * CHART_ASPECT;
      chart.draw({
        x: [-wide, wide],
        y: [-most, most],
        lines: [
          { kind: "solid", points: ROUND.map(point) },
          { kind: "dashed", points: [[0, 0], point(frame)] },
          { kind: "point", points: [point(frame), point(frame)] },
        ],
        label: aria("Odd against even response", model),
      });
    };
    const element = titled(
      "Odd against even response",
      chart.element,
      words("The dashed line's length is the root of the energy."),
    );
    return { element, draw };
  };

  const makeResponses = () => {
    const chart = XP.chart("time (seconds)", "response");
    const table = XP.table("Responses over time", ["seconds", "phase", "even", "odd", "output"]);
    const draw = (state, model) => {
      const { even, odd } = model.responses;
      const lists = Object.values(model.responses);
      chart.draw({
        ...overTime(state, model),
        y: [-model.most, model.most],
        lines: [line("solid", even, state), line("dashed", odd, state)],
        label: aria("Even and odd response", model),
      });
      const row = (at, k) => [shown(seconds(k, state)), at, ...lists.map((list) => shown(list[k]))];
      table.draw(() => model.phases.map(row));
    };
    const element = titled("Even (solid) and odd (dashed) response", chart.element);
    return { element, table: table.element, draw };
  };

  const makeMap = () => {
    const picture = XP.picture("", { signed: true, role: false, "aria-hidden": "true" });
    const chart = XP.chart("phase (degrees)", "orientation (degrees)", picture.element);
    const scale = words();
    const table = XP.table("Map", ["orientation", ...upTo(8).map((k) => `phase ${45 * k}`)]);
    const draw = (state, model) => {
      const { map, limit } = model;
      const low = lowest(state, model);
      const colours = `${low ? "full blue" : "no colour"} to full red ${range([low, limit])}`;
      scale.textContent = `All orientations: ${colours}. Dashed lines: the grating shown now.`;
      picture.draw(map, limit);
      const row = state.orientation + 0.5; // the middle of a pixel
      chart.draw({
        x: [0, 360],
        xTicks: [0, 90, 180, 270, 360],
        y: [180, 0],
        yTicks: [0, 45, 90, 135, 180],
        marks: [state.phase + STEP / 2],
        lines: [
          {
            kind: "mark",
            points: [
              [0, row],
              [360, row],
            ],
          },
        ],
        label: `Map of the output. ${scale.textContent}`,
      });
      const at = (angle, k) => shown(map.data[angle * FRAMES + 8 * k]);
      table.draw(() => upTo(36).map((i) => [5 * i, ...upTo(8).map((k) => at(5 * i, k))]));
    };
    const element = titled("Output for other gratings", chart.element, scale);
    return { element, table: table.element, draw };
  };

  const build = (view) => {
    const stimulus = makeStimulus();
    const [phase, curve] = [controls(PHASE, view, ""), controls(CURVE, view, "")];
    const [grating, cell] = [controls(GRATING, view), controls(CELL, view)];
    const [output, bars, filters] = [makeOutput(), makeBars(), makeFilters()];
    const [circle, responses, map] = [makeCircle(), makeResponses(), makeMap()];
    const [helped, uniform] = [words(), words()];
    view.root.append(
      box(
        "xp-columns",
        box(
          "",
          stimulus.element,
          words(
            "Ring: the receptive field, out to 2σ. The stimulus has 65 × 65 pixels, the filters 33 × 33.",
          ),
          makePlayer(view),
          phase.element,
          words("Keys: Space plays; comma and full stop step back and forward."),
        ),
        box("", curve.element, helped, ...output.elements, ...bars.elements),
      ),
      box("xp-columns", filters.element, circle.element),
      titled("Grating", grating.element),
      folded("Cell", cell.element, uniform),
      box("xp-columns", responses.element, map.element),
      responses.table,
      map.table,
    );

    return (state, model) => {
      const hidden = { subunits: state.model !== "pooling", threshold: !!PLAIN[state.model] };
      for (const group of [phase, curve, grating, cell]) group.draw((key) => hidden[key]);
      helped.textContent = help(state);
      const light = shown(model.uniform);
      uniform.textContent = `Even response to a uniform white image (0.5 above grey): ${light}.`;
      stimulus.draw(state, model);
      output.draw(state, model);
      bars.draw(model);
      filters.draw(state, model);
      circle.draw(model);
      responses.draw(state, model);
      map.draw(state, model);
    };
  };

  const clean = (given) => XP.clean(FIELDS, given);
  XP.explorable("cell-lab", { clean, compute, build, summary, torch });
})();
