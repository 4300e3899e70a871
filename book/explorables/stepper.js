// The convolution stepper: up to three layers, one sum at a time. The small one has no settings.
//
// As in PyTorch, the image is pixels[c][y][x], a layer has weights[o][c][i][j]. Sizes that end in 0
// are vertical, in 1 horizontal. `layer` counts from 1, `cell` is the [channel, row, column] chosen.
(() => {
  const { PRESSED, TYPED, box, button, clean: cleanFields, controls, core } = XP;
  const { field, folded, format, h, keys, words } = XP;

  // Dumoulin and Visin's. Larger ones repeat them.
  const IMAGE = ["33210", "00131", "31223", "20022", "20001"];
  const KERNEL = ["012", "220", "012"];
  const LARGEST = 99; // whole numbers stay exact

  // What fills an image or a kernel.
  const off = (at, size) => Math.abs(at - ((size - 1) >> 1));
  const sides = (size) => Math.min(size - 1, 2);
  const binomial = (n, i) => (i ? (binomial(n, i - 1) * (n - i)) / i : 0.5 ** (n - 1));
  const FILL = {
    impulse: (y, x, height, width) => +!(off(y, height) + off(x, width)),
    ones: () => 1,
    digits: (y, x, _height, width) => ((y * width + x) % 9) + 1,
    gradient: (_y, x) => x,
    checkerboard: (y, x) => (y + x) % 2,
    vertical: (_y, x, _height, width) => Math.sign(2 * x - width + 1),
    horizontal: (y, _x, height) => Math.sign(2 * y - height + 1),
    blur: (y, x, height, width) => binomial(height, y) * binomial(width, x),
    laplacian: (y, x, height, width) =>
      [-sides(height) - sides(width), 1][off(y, height) + off(x, width)] ?? 0,
  };
  const FILLS = {
    chapter: "the chapter's",
    own: "your own numbers",
    impulse: "impulse, identity",
    ones: "1, 1, 1…",
    digits: "1, 2, 3…",
    gradient: "gradient",
    checkerboard: "checkerboard",
    vertical: "vertical edge",
    horizontal: "horizontal edge",
    blur: "blur",
    laplacian: "Laplacian",
  };

  const SHOWN = {
    image: field.choice("Image", FILLS),
    layer: field.count("Layer shown", [1, 3], 1),
  };
  const MORE = {
    height: field.count("Image height", [3, 12], 5),
    width: field.count("Image width", [3, 12], 5),
    channels: field.count("Input channels", [1, 3], 1),
    speed: field.number("Speed", [1, 9, 1], 1, { unit: "steps per second" }),
  };
  const KIND = { kernel: field.choice("Kernel", FILLS) };
  const SIZES = {
    size0: field.count("Kernel height", [1, 5], 3),
    size1: field.count("Kernel width", [1, 5], 3),
    stride0: field.count("Stride down", [1, 4], 1),
    stride1: field.count("Stride across", [1, 4], 1),
    padding0: field.count("Padding above and below", [0, 4], 0),
    padding1: field.count("Padding left and right", [0, 4], 0),
    dilation0: field.count("Dilation down", [1, 3], 1),
    dilation1: field.count("Dilation across", [1, 3], 1),
    mode: field.choice("Padding mode", {
      zeros: "zeros",
      reflect: "reflect",
      replicate: "replicate",
      circular: "circular",
    }),
  };
  const SUM = {
    outputs: field.count("Output channels", [1, 3], 1),
    bias: field.flag("Bias", false),
    relu: field.flag("ReLU", false),
    flipped: field.flag("Flipped kernel", false),
  };

  const nested = (shape, at, ...path) =>
    path.length < shape.length
      ? Array.from({ length: shape[path.length] }, (_, i) => nested(shape, at, ...path, i))
      : at(...path);
  const filled = (name, tile, shape) =>
    nested(shape, (...path) => {
      const [x, y, c, o = 0] = path.reverse();
      const usual = +tile[(y + o) % tile.length][(x + c) % tile.length];
      return FILL[name]?.(y, x, ...shape.slice(-2)) ?? usual;
    });
  const merged = (usual, given) => {
    if (usual.map) return usual.map((one, i) => merged(one, Object(given)[i]));
    const value = Number.isFinite(given) ? given : usual;
    return +Math.min(Math.max(value, -LARGEST), LARGEST).toFixed(4) + 0; // + 0: no −0
  };
  const within = (cell, shape) =>
    shape.map((size, i) => Math.min(Math.max(Math.trunc(Object(cell)[i]) || 0, 0), size - 1));
  const same = (a, b) => `${a}` === `${b}`;

  const cleanLayer = (given, channels, padding) => {
    const usual = { padding0: padding, padding1: padding };
    const layer = cleanFields({ ...KIND, ...SIZES, ...SUM }, { ...usual, ...given });
    const { kernel, outputs, size0, size1 } = layer;
    const { weights, biases } = Object(given);
    const shape = [outputs, channels, size0, size1];
    layer.weights = merged(filled(kernel, KERNEL, shape), kernel === "own" && weights);
    layer.biases = merged(Array(outputs).fill(1), biases);
    return layer;
  };
  const clean = (given) => {
    const { pixels, layers, cell, pinned } = Object(given);
    const state = cleanFields({ ...SHOWN, ...MORE }, given);
    const shape = [state.channels, state.height, state.width];
    state.pixels = merged(filled(state.image, IMAGE, shape), state.image === "own" && pixels);
    state.layers = [];
    const depth = Math.max(state.layer, Math.min(3, Object(layers).length | 0));
    for (let n = 0, from = state.channels; n < depth; n++) {
      // Later layers are padded, or they would not fit on a small image.
      state.layers[n] = cleanLayer(Object(layers)[n], from, +(n > 0));
      from = state.layers[n].outputs;
    }
    const outputs = stack(state).shape;
    state.cell = within(cell, outputs);
    const pin = within(pinned, outputs);
    state.pinned = same(pin, pinned) ? pin : null;
    return state;
  };

  const OPTIONS = ["size", "stride", "padding", "dilation"];
  const many = (n, unit) => `${n} ${unit}${n === 1 ? "" : "s"}`;
  const axis = (unit, size, numbers, mode) => {
    const [kernel, , padding, dilation] = numbers;
    const span = dilation * (kernel - 1) + 1;
    const most = { reflect: size - 1, circular: size }[mode] ?? padding;
    const refused = padding > most;
    const out = refused ? 0 : core.outputSize(size, ...numbers);
    const problem = refused
      ? `A padding of ${many(padding, unit)} is too large: for ${many(size, unit)}, ${mode} ` +
        `allows ${most}. Make it smaller, or choose zeros.`
      : out < 1 &&
        `A kernel that spans ${many(span, unit)} does not fit into ` +
          `${many(size + 2 * padding, unit)}. Make it smaller, or add padding.`;
    return { unit, size, numbers, out, refused, problem };
  };
  const sizesOf = (layer, sizes) => {
    const options = { mode: layer.mode };
    for (const key of OPTIONS) options[key] = [layer[`${key}0`], layer[`${key}1`]];
    const numbers = (way) => OPTIONS.map((key) => options[key][way]);
    const axes = ["row", "column"].map((unit, way) =>
      axis(unit, sizes[way], numbers(way), layer.mode),
    );
    return { layer, options, axes, problem: axes[0].problem || axes[1].problem };
  };
  const stack = ({ height, width, layers: all, layer: last }) => {
    let sizes = [height, width];
    const layers = all.slice(0, last).map((layer) => {
      const one = sizesOf(layer, sizes);
      sizes = one.axes.map(({ out }) => out);
      return one;
    });
    const wrong = layers.findIndex(({ problem }) => problem);
    if (wrong < 0) return { layers, shape: [all[last - 1].outputs, ...sizes] };
    const where = wrong + 1 < last ? `Layer ${wrong + 1}: ` : "";
    return { layers, problem: where + layers[wrong].problem, shape: [1, 1, 1] };
  };

  // Which outputs use a row of the padded input, there or where padding repeats it?
  const reach = ({ size, numbers: [kernel, stride, , dilation], out }, padding, mode) => {
    const from = core.sources(size, padding, mode);
    const taps = (y) => Array.from({ length: kernel }, (_, i) => y * stride + i * dilation);
    const all = Array.from({ length: Math.max(0, out) }, (_, y) => taps(y));
    const places = from.map((source, at) => {
      const uses = all.flatMap((rows, y) =>
        rows.some((row) => row === at || (source >= 0 && from[row] === source)) ? y : [],
      );
      const outside = at < padding || at >= padding + size;
      return { name: at - padding, padding: outside, uses, unused: out > 0 && !uses.length };
    });
    return { places, taps };
  };

  const rectified = ({ data, ...size }) => ({
    ...size,
    data: data.map((value) => Math.max(0, value)),
  });
  const runLayer = ({ layer, options }, input) => {
    const orient = layer.flipped ? core.flip : (kernel) => kernel;
    const kernels = layer.weights.map((all) => all.map((rows) => orient(core.fromRows(rows))));
    const sums = core.conv2d(input, kernels, layer.bias && layer.biases, options);
    return { kernels, output: layer.relu ? sums.map(rectified) : sums };
  };
  // Gives each layer its input, its kernels and its output, up to one that is impossible.
  const forward = (pixels, layers) => {
    let input = pixels.map(core.fromRows);
    for (const one of layers) {
      one.input = input;
      if (one.problem) return;
      Object.assign(one, runLayer(one, input));
      input = one.output;
    }
  };
  // The gradient of an output cell.
  const trace = (layers, [o, y, x]) => {
    const last = layers.at(-1).output.map(({ height, width }) => core.image(height, width));
    last[o].data[y * last[o].width + x] = 1;
    const passed = ({ data, ...size }, output) => ({
      ...size,
      data: data.map((value, i) => output.data[i] && value),
    });
    return layers.reduceRight((gradient, { layer, input, kernels, options, output }) => {
      const before = layer.relu ? gradient.map((one, c) => passed(one, output[c])) : gradient;
      return core.conv2dGradient(before, input, kernels, options);
    }, last);
  };
  const about = ({ layers, padded, rows, columns }, cell) => {
    const [o, y, x] = cell;
    const { layer, kernels, output } = layers.at(-1);
    const channels = padded.map(({ data, width }, c) => {
      const terms = [...kernels[o][c].data].map((weight, k) => {
        const row = rows.taps(y)[Math.floor(k / layer.size1)];
        const column = columns.taps(x)[k % layer.size1];
        const padding = rows.places[row].padding || columns.places[column].padding;
        return { pixel: data[row * width + column], weight, padding };
      });
      return { terms, sum: terms.reduce((sum, { pixel, weight }) => sum + pixel * weight, 0) };
    });
    const bias = layer.bias && layer.biases[o];
    const total = channels.reduce((all, { sum }) => all + sum, +bias);
    const value = output[o].data[y * output[o].width + x];
    return { cell, channels, bias, total, value, influence: trace(layers, cell) };
  };

  const receptiveField = (layers, way, cell) => {
    const { size, stride, padding } = core.receptiveField(
      layers.map(({ axes }) => axes[way].numbers),
    );
    const from = cell * stride - padding;
    const to = from + size;
    const inside = Math.min(to, layers[0].axes[way].size) - Math.max(from, 0);
    return { size, stride, padding, from, to, inside: Math.max(0, inside) };
  };
  const compute = (state) => {
    const { layers, problem, shape } = stack(state);
    forward(state.pixels, layers);
    const { layer, axes, options, input = [] } = layers.at(-1);
    const mode = problem ? "zeros" : layer.mode;
    const frame = axes.some(({ refused }) => refused) ? [0, 0] : options.padding;
    const padded = input.map((channel) => core.pad(channel, frame, mode));
    const [rows, columns] = axes.map((one, way) => reach(one, frame[way], mode));
    const model = { layers, layer, axes, problem, shape, frame, padded, rows, columns };
    if (problem) return model;
    const places = shape[0] * shape[1] * shape[2];
    const inputShape = [input.length, axes[0].size, axes[1].size];
    const parameters = [
      ...[shape[0], places].map((n) =>
        core.convParameters(input.length, n, options.size, layer.bias),
      ),
      core.denseParameters(inputShape, shape, layer.bias),
    ];
    const fields = [0, 1].map((way) => receptiveField(layers, way, state.cell[way + 1]));
    const chosen = about(model, state.cell);
    const pinned = state.pinned && about(model, state.pinned);
    return { ...model, parameters, fields, chosen, pinned };
  };

  const show = (value) => format.rounded(value, 8, 10);
  const factor = (value) => (value < 0 ? `(${show(value)})` : show(value));
  const position = (y, x) => `row ${format.number(y)}, column ${format.number(x)}`;
  const nameOf = ([o, y, x]) => `output channel ${o}, ${position(y, x)}`;
  const term = ({ pixel, weight, padding }) => {
    const first = padding ? `[${show(pixel)}]` : factor(pixel);
    return `${first}·${factor(weight)}`;
  };
  const inWords = ({ cell, channels, bias, total, value, influence }, { relu }, isSmall) => {
    const pixels = influence.flatMap(({ data }) => [...data]);
    const used = pixels.filter(Boolean).length;
    const parts = channels.map(({ sum }) => factor(sum));
    if (bias !== false) parts.push(`${factor(bias)} (bias)`);
    const isPadded = channels.some(({ terms }) => terms.some(({ padding }) => padding));
    return [
      ...channels.map(({ terms, sum }, c) => {
        const name = isSmall ? "Sum" : `Input channel ${c}`;
        return `${name}: ${terms.map(term).join(" + ")} = ${show(sum)}`;
      }),
      parts.length > 1 && `Together: ${parts.join(" + ")} = ${show(total)}`,
      relu && `ReLU: the larger of 0 and ${show(total)} = ${show(value)}`,
      `Result: ${isSmall ? position(cell[1], cell[2]) : nameOf(cell)} = ${show(value)}`,
      isPadded && "In square brackets: padding.",
      `It depends on ${used} of ${pixels.length} pixels of the image.`,
    ];
  };
  const formula = ({ unit, size, numbers: [kernel, stride, padding, dilation], out }, places) => {
    const missed = places.filter((one) => one.unused && !one.padding).map(({ name }) => name);
    const names = `${unit}${missed[1] ? "s" : ""} ${missed.join(", ")}`;
    return (
      `Output ${unit}s: ⌊(${size} + 2·${padding} − ${dilation}·(${kernel} − 1) − 1) / ` +
      `${stride}⌋ + 1 = ${out}.` +
      (missed.length ? ` Never used: ${names} of the input.` : "")
    );
  };
  const facts = ({ axes, rows, columns, parameters, layer }) => {
    const [shared, local, dense] = parameters.map((n) => n.toLocaleString("en"));
    return [
      formula(axes[0], rows.places),
      formula(axes[1], columns.places),
      `Parameters ${layer.bias ? "with" : "without"} biases: ${shared}. Locally connected ` +
        `(separate weights at each position): ${local}. Dense (a weight for every input at ` +
        `every output): ${dense}.`,
    ];
  };
  const traced = ({ fields: [rows, columns], chosen }) => [
    `Size: ${rows.size} × ${columns.size} pixels (${rows.inside} × ${columns.inside} of them in ` +
      `the image), for ${nameOf(chosen.cell)}. Its first pixel is ` +
      `${position(rows.from, columns.from)}.`,
    `Jump: ${rows.stride} down, ${columns.stride} across, the distance in pixels between the ` +
      "receptive fields of neighbouring units.",
    `Start: ${position(-rows.padding, -columns.padding)}, the first pixel for the unit in ` +
      "row 0, column 0.",
    "Below: the change of this output per unit change of each pixel (its gradient). Grey frame: " +
      "in the receptive field, but without effect.",
  ];
  const summary = ({ layer }, { shape, chosen, pinned }) =>
    `Layer ${layer}: ${many(shape[0], "output channel")} of ${shape[1]} × ${shape[2]}. ` +
    `Chosen: ${nameOf(chosen.cell)} is ${show(chosen.value)}.` +
    (pinned ? ` Pinned: ${nameOf(pinned.cell)} is ${show(pinned.value)}.` : "");
  const smallSummary = (_state, { shape: [, height, width], chosen: { cell, value } }) =>
    `The output is ${height} × ${width}. In ${position(cell[1], cell[2])} it is ${show(value)}.`;

  const list = (values) => JSON.stringify(values).replaceAll(",", ", ");
  const tensor = (values, more = "") => `torch.tensor(${list(values)}, dtype=torch.float64${more})`;
  const layerCode = ({ layer, options: { mode, stride, padding, dilation } }) => {
    const [y, x] = padding;
    const zeros = mode === "zeros";
    return [
      `weight = ${tensor(layer.weights)}${layer.flipped ? ".flip(-2, -1)" : ""}`,
      `bias = ${layer.bias ? tensor(layer.biases) : "None"}`,
      !zeros && `x = pad(x, ${list([x, x, y, y])}, mode="${mode}")`,
      `x = conv2d(x, weight, bias, stride=${list(stride)}, dilation=${list(dilation)}, ` +
        `padding=${list(zeros ? padding : 0)})`,
      layer.relu && "x = relu(x)",
    ].filter(Boolean);
  };
  const torch = (state, { layers }) => {
    return [
      "import torch",
      "from torch.nn.functional import conv2d, pad, relu\n",
      "torch.set_printoptions(threshold=10_000, precision=8, sci_mode=False)",
      `image = ${tensor(state.pixels, ", requires_grad=True")}`,
      "x = image[None]  # a batch of one image",
      ...layers.flatMap(layerCode),
      "print(x[0].detach())",
      `chosen = x[0, ${state.cell.join(", ")}]`,
      "print(chosen.item())",
      "chosen.backward()",
      "print(image.grad)  # what each pixel does to it",
    ].join("\n");
  };

  const SMALL = "stepper-small";
  const SMALL_LEGEND = "Orange: the patch. Double frame: pinned.";
  const LEGEND =
    "Orange: the patch. Grey, dashed: padding. Hatched: never used. Underlined: computed with the " +
    "number you point at. Double frame: pinned.";
  const HELP =
    "Arrows move in a grid. Enter edits a number, Escape cancels. Enter on an output pins or " +
    "unpins it. n, p: next and previous step. Home, End: first and last step; in a " +
    "grid, the ends of the row. Space: play and pause.";

  // Three grids of one kind: describe(c) returns { text, height, width, cell } of each. Without a height
  // one is hidden.
  const grids = (label, describe, listeners = () => ({})) => {
    const all = [0, 1, 2].map((c) => {
      const grid = XP.grid(`${label} ${c}`, listeners(c));
      const title = h("p", { class: "xp-title" });
      const element = box("", title, box("xp-scroll", grid.element));
      const draw = () => {
        const { text, height, width, cell } = describe(c);
        element.hidden = !height;
        if (height) title.textContent = text;
        grid.draw(height, width, cell);
      };
      return { element, draw, focus: grid.focus };
    });
    return {
      element: box("xp-grids", ...all.map(({ element }) => element)),
      draw: () => {
        for (const { draw } of all) draw();
      },
      focus: ([c, y, x]) => all[c].focus(y, x),
    };
  };
  // Marks are part of the label, and classes.
  const cellOf = (row, column, value, marks = {}, more = "") => {
    const names = Object.keys(marks).filter((name) => marks[name]);
    const label = [`${position(row, column)}: ${show(value)}`, ...names].join(", ") + more;
    const kind = names.map((name) => `xp-${name}`).join(" ");
    return { text: format.rounded(value, 8, 4), label, kind };
  };
  const write = (parent, lines) =>
    parent.replaceChildren(...lines.filter(Boolean).map((one) => words(one)));

  // The parts share `now`: the view, what it shows (`state` and `model`), and the pixel or the weight
  // that is pointed at (`look`), which drawLook marks.
  const pointAt = (now, kind, c) => (y, x) => {
    now.look = y === undefined ? {} : { [kind]: [c, y, x] };
    now.drawLook();
  };
  const put = ({ view }, numbers, at, typed) => {
    numbers[at] = merged(numbers[at], typed);
    if (numbers[at] !== typed)
      view.say(`Numbers must be from −${LARGEST} to ${LARGEST}; changed to ${show(numbers[at])}.`);
  };
  const isTyping = ({ view }) => view.root.querySelector(".xp-grid input");
  const shownLayer = ({ view }) => view.get().layers[view.get().layer - 1];
  const setLayer = (now, changes) => {
    const layers = [...now.view.get().layers];
    layers[now.view.get().layer - 1] = { ...shownLayer(now), ...changes };
    now.view.set({ layers });
  };

  const inputTitle = ({ state, model, isSmall }, c, height, width) => {
    if (isSmall) return `Image\n${height} × ${width}`;
    const [rows, columns] = model.axes;
    const isPadded = height !== rows.size || width !== columns.size;
    return (
      `Input channel ${c}\n${rows.size} × ${columns.size}` +
      (isPadded ? `, padded to ${height} × ${width}` : "") +
      (state.layer > 1 ? `, output of layer ${state.layer - 1} (not editable)` : "")
    );
  };
  const makeInputs = (now) => {
    // The pixels that the chosen output uses, and the one that the weight pointed at multiplies.
    const taps = (c) => {
      const { rows, columns, layer, chosen } = now.model;
      const [, y, x] = chosen?.cell ?? [];
      const [down, across] = [rows.taps(y), columns.taps(x)];
      const [channel, i, j] = now.look.weight ?? [];
      const met = (all, k) => (channel === c ? all.at(layer.flipped ? -1 - k : k) : undefined);
      return { down, across, met: [met(down, i), met(across, j)] };
    };
    const describe = (c) => {
      const { rows, columns, padded } = now.model;
      if (!padded[c]) return {};
      const { height, width, data } = padded[c];
      const { down, across, met } = taps(c);
      const cell = (y, x) => {
        const [row, column] = [rows.places[y], columns.places[x]];
        const padding = row.padding || column.padding;
        const marks = {
          padding,
          patch: down.includes(y) && across.includes(x),
          unused: row.unused || column.unused,
          linked: met[0] === y && met[1] === x,
        };
        const sums = `, in ${row.uses.length * column.uses.length} sums`;
        const value = data[y * width + x];
        const found = cellOf(row.name, column.name, value, marks, sums);
        return padding || now.state.layer > 1 ? found : { ...found, value };
      };
      return { text: inputTitle(now, c, height, width), height, width, cell };
    };
    return grids("Input channel", describe, (c) => ({
      visit: pointAt(now, "pixel", c),
      edit: (y, x, value) => {
        const pixels = structuredClone(now.state.pixels);
        const { rows, columns } = now.model;
        put(now, pixels[c][rows.places[y].name], columns.places[x].name, value);
        now.view.set({ image: "own", pixels });
      },
    }));
  };

  const makeKernels = (now) => {
    // What the chosen sum multiplies a weight by.
    const metBy = (c, k) => {
      const { chosen, layer } = now.model;
      if (!chosen) return "";
      const { pixel, padding } = chosen.channels[c].terms.at(layer.flipped ? -1 - k : k);
      return `, multiplies ${show(pixel)}${padding ? ", padding" : ""}`;
    };
    const describe = (c) => {
      const { weights, flipped, size0: height, size1: width } = now.model.layer;
      const [o] = now.state.cell;
      const rows = weights[o][c];
      if (!rows) return {};
      const rotated = flipped ? ", flipped for the sum" : "";
      const cell = (i, j) => {
        const value = rows[i][j];
        return { ...cellOf(i, j, value, {}, metBy(c, i * width + j)), value };
      };
      const which = now.isSmall ? `${height} × ${width}` : `input ${c}, output ${o}${rotated}`;
      return { text: `Kernel\n${which}`, height, width, cell };
    };
    return grids("Kernel of input channel", describe, (c) => ({
      visit: pointAt(now, "weight", c),
      edit: (i, j, value) => {
        const weights = structuredClone(now.model.layer.weights);
        put(now, weights[now.state.cell[0]][c][i], j, value);
        setLayer(now, { kernel: "own", weights });
      },
    }));
  };

  const makeBiases = (now) => {
    const describe = (o) => {
      const { bias, biases } = now.model.layer;
      if (!bias || !(o in biases)) return {};
      const cell = () => ({ ...cellOf(0, 0, biases[o]), value: biases[o] });
      return { text: `Bias of output ${o}`, height: 1, width: 1, cell };
    };
    return grids("Bias of output channel", describe, (o) => ({
      edit: (_row, _column, value) => {
        const biases = [...now.model.layer.biases];
        put(now, biases, o, value);
        setLayer(now, { biases });
      },
    }));
  };

  const isAt = (cell, o, y, x) => !!cell && cell[0] === o && cell[1] === y && cell[2] === x;
  const makeOutputs = (now) => {
    const describe = (o) => {
      const { rows, columns, layers } = now.model;
      const output = layers.at(-1).output?.[o];
      if (!output) return {};
      const { height, width, data } = output;
      const [, r, s] = now.look.pixel ?? [];
      const [row, column] = [rows.places[r], columns.places[s]];
      const cell = (y, x) =>
        cellOf(y, x, data[y * width + x], {
          chosen: isAt(now.state.cell, o, y, x),
          pinned: isAt(now.state.pinned, o, y, x),
          linked: row?.uses.includes(y) && column?.uses.includes(x),
        });
      const name = now.isSmall ? "Output" : `Output channel ${o}`;
      return { text: `${name}\n${height} × ${width}`, height, width, cell };
    };
    return grids("Output channel", describe, (o) => ({
      // What is typed belongs to the kernel that is shown.
      visit: (y, x) => y === undefined || isTyping(now) || now.view.set({ cell: [o, y, x] }),
      pick: (y, x) => now.view.set({ pinned: isAt(now.state.pinned, o, y, x) ? null : [o, y, x] }),
    }));
  };

  const makeInfluences = (now) =>
    grids("Influence of image channel", (c) => {
      const influence = now.model.chosen?.influence[c];
      if (!influence) return {};
      const { height, width, data } = influence;
      const [rows, columns] = now.model.fields;
      const lies = (at, { from, to }) => at >= from && at < to;
      const cell = (y, x) => {
        const value = data[y * width + x];
        return cellOf(y, x, value, { used: value, field: lies(y, rows) && lies(x, columns) });
      };
      return { text: `Image channel ${c}`, height, width, cell };
    });

  // From step to step: one for each number of the output.
  const makeSteps = (now, outputs) => {
    const { view } = now;
    const last = () => now.model.shape.reduce((all, n) => all * n) - 1;
    const indexOf = ([o, y, x]) => (o * now.model.shape[1] + y) * now.model.shape[2] + x;
    const go = (index) => {
      const [, height, width] = now.model.shape;
      const at = Math.min(Math.max(index, 0), last());
      const cell = [Math.floor(at / height / width), Math.floor(at / width) % height, at % width];
      view.set({ cell });
      if (outputs.element.contains(document.activeElement)) outputs.focus(cell);
      return at;
    };
    const step = (by) => go(indexOf(view.get().cell) + by);
    const tick = () => {
      const next = (indexOf(view.get().cell) + 1) % (last() + 1);
      if (!isTyping(now) && go(next) === last()) player.toggle(false);
    };
    const player = XP.player(tick, () => 1000 / now.state.speed);
    keys(view.place, { n: () => step(1), p: () => step(-1) }, TYPED);
    keys(view.place, { " ": () => player.toggle() }, `${TYPED}, ${PRESSED}`);
    const ends = { Home: () => go(0), End: () => go(Infinity) };
    keys(view.place, ends, `${TYPED}, ${PRESSED}, [type='range']`);

    const slider = h("input", { type: "range", min: 1, input: () => go(slider.value - 1) });
    const label = h("span");
    const element = box(
      "xp-row xp-spaced",
      button("Step back", () => step(-1)),
      button("Step forward", () => step(1)),
      player.element,
      h("label", { class: "xp-control xp-position" }, label, slider),
    );
    const draw = () => {
      const { cell } = now.model.chosen;
      slider.max = last() + 1;
      slider.value = indexOf(cell) + 1;
      slider.setAttribute("aria-valuetext", nameOf(cell));
      label.textContent = `Step ${slider.value} of ${slider.max}`;
    };
    return { element, draw };
  };

  const makeControls = (now) => {
    const { view } = now;
    const { say } = view;
    const layer = { get: () => shownLayer(now), set: (changes) => setLayer(now, changes), say };
    const first = [controls(SHOWN, view, "xp-group"), controls(KIND, layer, "xp-group")];
    const folds = [
      [(n) => `Layer ${n}: kernel size, stride, padding, dilation`, SIZES, layer],
      [(n) => `Layer ${n}: output channels, bias, ReLU`, SUM, layer],
      [() => "Image size, input channels, speed", MORE, view],
    ].map(([title, fields, connected]) => {
      const inputs = controls(fields, connected, "xp-sizes");
      const head = h("summary");
      const draw = () => {
        head.textContent = title(now.state.layer);
        inputs.draw();
      };
      return { element: h("details", {}, head, inputs.element), draw };
    });
    const draw = () => {
      for (const one of [...first, ...folds]) one.draw();
    };
    const row = box("xp-row xp-spaced", ...first.map(({ element }) => element));
    return { elements: [row, ...folds.map(({ element }) => element)], draw };
  };

  // What the numbers mean, in words.
  const makeWords = (now, influences) => {
    const [sum, pinned] = [box("xp-sum"), box("xp-sum xp-sum-pinned")];
    const [counts, traces] = [box(""), box("")];
    const receptive = folded("Receptive field in the image", traces, influences.element);
    const draw = () => {
      const { chosen, pinned: pin, layer } = now.model;
      write(sum, inWords(chosen, layer, now.isSmall));
      if (pin) write(pinned, ["Pinned", ...inWords(pin, layer, now.isSmall)]);
      write(counts, facts(now.model));
      write(traces, traced(now.model));
      influences.draw();
    };
    return { sum, pinned, counts, receptive, draw };
  };

  const build = (view) => {
    const isSmall = view.name === SMALL;
    const now = { view, isSmall, look: {} };
    const [inputs, kernels, biases] = [makeInputs(now), makeKernels(now), makeBiases(now)];
    const outputs = makeOutputs(now);
    const steps = makeSteps(now, outputs);
    const { sum, pinned, counts, receptive, draw: drawWords } = makeWords(now, makeInfluences(now));
    const settings = makeControls(now);
    const problem = h("p", { class: "xp-problem" });
    const filters = box("", kernels.element, biases.element);
    view.root.append(
      box("xp-row xp-spaced", inputs.element, filters, outputs.element),
      words(isSmall ? SMALL_LEGEND : LEGEND),
      problem,
      steps.element,
      sum,
      pinned,
      ...(isSmall ? [] : [...settings.elements, counts, receptive]),
      folded("Keys", HELP),
    );
    let frame = 0;
    const drawMarks = () => {
      frame = 0;
      inputs.draw();
      outputs.draw();
    };
    now.drawLook = () => {
      if (!frame) frame = requestAnimationFrame(drawMarks);
    };
    return (state, model) => {
      Object.assign(now, { state, model });
      for (const element of [steps.element, sum, counts, receptive]) element.hidden = model.problem;
      pinned.hidden = !model.pinned || same(state.pinned, state.cell);
      problem.hidden = !model.problem;
      problem.textContent = model.problem;
      const [above, left] = model.frame; // from where the style sheet counts
      inputs.element.style.cssText = `--xp-rows: -${above}; --xp-columns: -${left}`;
      for (const one of [inputs, kernels, biases, outputs, settings]) one.draw();
      if (model.problem) return;
      steps.draw();
      drawWords();
    };
  };

  XP.explorable("stepper", { clean, compute, build, summary, torch });
  XP.explorable(SMALL, { clean, compute, build, summary: smallSummary, torch });
})();
