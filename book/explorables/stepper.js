// The convolution stepper: up to three layers, one sum at a time.
//
// As in PyTorch, the image is pixels[c][y][x], a layer has weights[o][c][i][j]. Sizes that end in 0
// are vertical, in 1 horizontal. `layer` counts from 1, `cell` is the [channel, row, column] chosen.
(() => {
  const { box, core, folded, h, ...XP } = window.XP;

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
    digits: (y, x, height, width) => ((y * width + x) % 9) + 1,
    gradient: (y, x) => x,
    checkerboard: (y, x) => (y + x) % 2,
    upright: (y, x, height, width) => Math.sign(2 * x - width + 1),
    level: (y, x, height) => Math.sign(2 * y - height + 1),
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
    upright: "upright edge",
    level: "level edge",
    blur: "blur",
    laplacian: "Laplacian",
  };

  const choice = (label, options, usual) => ({ label, options, default: usual });
  const count = (label, from, to, usual) => {
    const options = {};
    for (let i = from; i <= to; i++) options[i] = i;
    return choice(label, options, usual);
  };
  const SHOWN = { image: choice("Image", FILLS, "chapter"), layer: count("Layer shown", 1, 3, 1) };
  const MORE = {
    height: count("Image height", 3, 12, 5),
    width: count("Image width", 3, 12, 5),
    channels: count("Input channels", 1, 3, 1),
    speed: { label: "Speed", unit: "steps per second", min: 1, max: 9, step: 1, default: 1 },
  };
  const KIND = { kernel: choice("Kernel", FILLS, "chapter") };
  const SIZES = {
    size0: count("Kernel height", 1, 5, 3),
    size1: count("Kernel width", 1, 5, 3),
    stride0: count("Stride down", 1, 4, 1),
    stride1: count("Stride across", 1, 4, 1),
    padding0: count("Padding above and below", 0, 4, 0),
    padding1: count("Padding left and right", 0, 4, 0),
    dilation0: count("Dilation down", 1, 3, 1),
    dilation1: count("Dilation across", 1, 3, 1),
    mode: choice(
      "Padding mode",
      { zeros: "zeros", reflect: "reflect", replicate: "replicate", circular: "circular" },
      "zeros",
    ),
  };
  const SUM = {
    outputs: count("Output channels", 1, 3, 1),
    bias: { label: "Bias", default: false },
    relu: { label: "ReLU", default: false },
    flipped: { label: "Flipped kernel", default: false },
  };

  const cleanFields = (fields, given) => {
    const clean = XP.clean(fields, given);
    for (const key in fields) if (Number.isInteger(fields[key].default)) clean[key] *= 1;
    return clean;
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

  const KEYS = ["size", "stride", "padding", "dilation"];
  const many = (n, unit) => `${n} ${unit}${n === 1 ? "" : "s"}`;
  const axis = (way, size, numbers, mode) => {
    const unit = ["row", "column"][way];
    const [kernel, , padding, dilation] = numbers;
    const span = dilation * (kernel - 1) + 1;
    const padded = size + 2 * padding;
    const most = { reflect: size - 1, circular: size }[mode] ?? padding;
    const refused = padding > most;
    const out = refused ? 0 : core.outputSize(size, ...numbers);
    const problem = refused
      ? `A padding of ${many(padding, unit)} is too large: for ${many(size, unit)}, ${mode} ` +
        `allows ${most}. Make it smaller, or choose zeros.`
      : out < 1 &&
        `A kernel that spans ${many(span, unit)} does not fit into ${many(padded, unit)}. ` +
          "Make it smaller, or add padding.";
    return { unit, size, numbers, out, refused, problem };
  };
  const stack = ({ height, width, layers: all, layer: last }) => {
    let sizes = [height, width];
    let problem;
    const layers = all.slice(0, last).map((layer, n) => {
      const { mode } = layer;
      const options = { mode };
      for (const key of KEYS) options[key] = [layer[key + 0], layer[key + 1]];
      const axes = sizes.map((size, way) =>
        axis(
          way,
          size,
          KEYS.map((key) => options[key][way]),
          mode,
        ),
      );
      sizes = axes.map(({ out }) => out);
      const wrong = axes[0].problem || axes[1].problem;
      if (wrong) problem ??= (n + 1 < last ? `Layer ${n + 1}: ` : "") + wrong;
      return { layer, options, axes };
    });
    return { layers, problem, shape: problem ? [1, 1, 1] : [all[last - 1].outputs, ...sizes] };
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

  const forward = (pixels, layers) => {
    let input = pixels.map(core.fromRows);
    for (const one of layers) {
      const { layer, options, axes } = one;
      one.input = input;
      if (axes[0].problem || axes[1].problem) return;
      const turn = layer.flipped ? core.flip : (kernel) => kernel;
      one.kernels = layer.weights.map((list) => list.map((rows) => turn(core.fromRows(rows))));
      input = core.conv2d(input, one.kernels, layer.bias && layer.biases, options);
      if (layer.relu)
        for (const { data } of input) data.forEach((v, i) => (data[i] = Math.max(0, v)));
      one.output = input;
    }
  };
  // The gradient of an output cell.
  const trace = (layers, [o, y, x]) => {
    const last = layers.at(-1).output.map(({ height, width }) => core.image(height, width));
    last[o].data[y * last[o].width + x] = 1;
    return layers.reduceRight((gradient, { layer, input, kernels, options, output }) => {
      if (layer.relu)
        gradient.forEach(({ data }, c) =>
          data.forEach((v, i) => (data[i] = output[c].data[i] && v)),
        );
      return core.conv2dGradient(gradient, input, kernels, options);
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
    const [from, places] = [input.length, shape[0] * shape[1] * shape[2]];
    const parameters = [
      ...[shape[0], places].map((n) => core.convParameters(from, n, options.size, layer.bias)),
      core.denseParameters([from, axes[0].size, axes[1].size], shape, layer.bias),
    ];
    const fields = [0, 1].map((way) => {
      const field = core.receptiveField(layers.map((one) => one.axes[way].numbers));
      const from = state.cell[way + 1] * field.stride - field.padding;
      const to = from + field.size;
      const inside = Math.min(to, layers[0].axes[way].size) - Math.max(from, 0);
      return { ...field, from, to, inside: Math.max(0, inside) };
    });
    const chosen = about(model, state.cell);
    const pinned = state.pinned && about(model, state.pinned);
    return { ...model, parameters, fields, chosen, pinned };
  };

  const show = (value, digits = 10) => XP.number(+value.toFixed(8), digits);
  const factor = (value) => (value < 0 ? `(${show(value)})` : show(value));
  const position = (y, x) => `row ${XP.number(y)}, column ${XP.number(x)}`;
  const nameOf = ([o, y, x]) => `output channel ${o}, ${position(y, x)}`;
  const term = ({ pixel, weight, padding }) =>
    (padding ? `[${show(pixel)}]` : factor(pixel)) + `·${factor(weight)}`;
  const inWords = ({ cell, channels, bias, total, value, influence }, { relu }) => {
    const pixels = influence.flatMap(({ data }) => [...data]);
    const used = pixels.filter(Boolean).length;
    const parts = channels.map(({ sum }) => factor(sum));
    if (bias !== false) parts.push(`${factor(bias)} (bias)`);
    const sums = channels.map(
      ({ terms, sum }, c) => `Input channel ${c}: ${terms.map(term).join(" + ")} = ${show(sum)}`,
    );
    return [
      ...sums,
      parts.length > 1 && `Together: ${parts.join(" + ")} = ${show(total)}`,
      relu && `ReLU: the larger of 0 and ${show(total)} = ${show(value)}`,
      `Result: ${nameOf(cell)} = ${show(value)}`,
      /\[/.test(sums) && "In square brackets: padding.",
      `It depends on ${used} of ${pixels.length} pixels of the image.`,
    ];
  };
  const formula = ({ unit, size, numbers: [kernel, stride, padding, dilation], out }, places) => {
    const missed = places.flatMap(({ unused, padding, name }) => (unused && !padding ? name : []));
    const names = `${unit}${missed[1] ? "s" : ""} ${missed.join(", ")}`;
    return (
      `Output ${unit}s: ⌊(${size} + 2·${padding} − ${dilation}·(${kernel} − 1) − 1) / ` +
      `${stride}⌋ + 1 = ${out}.` +
      (missed.length ? ` In no sum: ${names} of the input.` : "")
    );
  };
  const facts = ({ axes, rows, columns, parameters, layer }) => {
    const [shared, local, dense] = parameters.map((n) => n.toLocaleString("en"));
    return [
      formula(axes[0], rows.places),
      formula(axes[1], columns.places),
      `Parameters ${layer.bias ? "with" : "without"} biases: ${shared}. Locally connected, as ` +
        `here, but with weights of its own at each place: ${local}. Dense, with a weight for ` +
        `every input at every output: ${dense}.`,
    ];
  };
  const traced = ({ fields: [rows, columns], chosen }) => [
    `Size ${rows.size} × ${columns.size} pixels (${rows.inside} × ${columns.inside} of them in ` +
      `the image): the field of ${nameOf(chosen.cell)}. It begins in ` +
      `${position(rows.from, columns.from)}.`,
    `Jump ${rows.stride} down, ${columns.stride} across: so many pixels further lies the next ` +
      "cell's field.",
    `Start in ${position(-rows.padding, -columns.padding)}: there begins that of the cell in ` +
      "row 0, column 0.",
    "Below: what a pixel that grows by 1 does to it. Grey frame: inside, but without effect.",
  ];
  const summary = ({ layer }, { shape, chosen, pinned }) =>
    `Layer ${layer}: ${many(shape[0], "output channel")} of ${shape[1]} × ${shape[2]}. ` +
    `Chosen: ${nameOf(chosen.cell)} is ${show(chosen.value)}.` +
    (pinned ? ` Pinned: ${nameOf(pinned.cell)} is ${show(pinned.value)}.` : "");

  const torch = (state, { layers }) => {
    const list = (values) => JSON.stringify(values).replaceAll(",", ", ");
    const tensor = (values, more = "") =>
      `torch.tensor(${list(values)}, dtype=torch.float64${more})`;
    const code = layers.flatMap(({ layer, options: { mode, stride, padding, dilation } }) => {
      const [y, x] = padding;
      const zeros = mode === "zeros";
      return [
        `weight = ${tensor(layer.weights)}${layer.flipped ? ".flip(-2, -1)" : ""}`,
        `bias = ${layer.bias ? tensor(layer.biases) : "None"}`,
        !zeros && `x = pad(x, ${list([x, x, y, y])}, mode="${mode}")`,
        `x = conv2d(x, weight, bias, stride=${list(stride)}, dilation=${list(dilation)}, ` +
          `padding=${list(zeros ? padding : 0)})`,
        layer.relu && "x = relu(x)",
      ];
    });
    return [
      "import torch",
      "from torch.nn.functional import conv2d, pad, relu\n",
      "torch.set_printoptions(threshold=10_000, precision=8, sci_mode=False)",
      `image = ${tensor(state.pixels, ", requires_grad=True")}`,
      "x = image[None]  # a batch of one image",
      ...code.filter(Boolean),
      "print(x[0].detach())",
      `chosen = x[0, ${state.cell.join(", ")}]`,
      "print(chosen.item())",
      "chosen.backward()",
      "print(image.grad)  # what each pixel does to it",
    ].join("\n");
  };

  const LEGEND =
    "Orange: the patch. Grey, dashed: padding. Hatched: in no sum. Underlined: belongs to the " +
    "number you are on. Double frame: pinned.";
  const HELP =
    "Arrows move in a grid. Enter edits a number, Escape leaves it as it was. Enter on an output " +
    "pins it, and lets it go. n, p: next and previous step. Home, End: first and last step; in a " +
    "grid, the ends of the row. Space: play and pause.";

  // Three grids of one kind. Without a height one is hidden.
  const grids = (label, listeners = () => ({})) => {
    const all = [0, 1, 2].map((c) => {
      const grid = XP.grid(`${label} ${c}`, listeners(c));
      const title = h("p", { class: "xp-title" });
      return { ...grid, title, box: box("", title, box("xp-scroll", grid.element)) };
    });
    const draw = (c, text, height, ...more) => {
      const { title, draw, box } = all[c];
      box.hidden = !height;
      if (height) title.textContent = text;
      draw(height, ...more);
    };
    const element = box("xp-grids", ...all.map((one) => one.box));
    return { element, draw, focus: (c, y, x) => all[c].focus(y, x) };
  };
  // Marks are said, and are classes.
  const cellOf = (row, column, number, marks, more = "") => {
    let label = `${position(row, column)}: ${show(number)}`;
    let kind = "";
    for (const name in marks)
      if (marks[name]) {
        label += `, ${name}`;
        kind += ` xp-${name}`;
      }
    return { text: show(number, 4), label: label + more, kind };
  };
  const write = (parent, lines) =>
    parent.replaceChildren(...lines.filter(Boolean).map((line) => h("p", {}, line)));

  const build = ({ root, place, get, set, say }) => {
    let state;
    let model;
    let look = {}; // the pixel or weight pointed at
    const typing = () => root.querySelector(".xp-grid input");
    const layerNow = () => get().layers[get().layer - 1];
    const setLayer = (changes) => {
      const layers = [...get().layers];
      layers[get().layer - 1] = { ...layerNow(), ...changes };
      set({ layers });
    };

    const last = () => model.shape[0] * model.shape[1] * model.shape[2] - 1;
    const indexOf = ([o, y, x]) => (o * model.shape[1] + y) * model.shape[2] + x;
    const go = (index) => {
      const [, height, width] = model.shape;
      const at = Math.min(Math.max(index, 0), last());
      const cell = [Math.floor(at / height / width), Math.floor(at / width) % height, at % width];
      set({ cell });
      if (outputs.element.contains(document.activeElement)) outputs.focus(...cell);
      return at;
    };
    const step = (by) => go(indexOf(get().cell) + by);
    const player = XP.player(
      () => {
        const next = (indexOf(get().cell) + 1) % (last() + 1);
        if (!typing() && go(next) === last()) player.toggle(false);
      },
      () => 1000 / state.speed,
    );
    const slider = h("input", { type: "range", min: 1, input: () => go(slider.value - 1) });
    const stepNow = h("span");

    const visit = (kind, c) => (y, x) => {
      look = y === undefined ? {} : { [kind]: [c, y, x] };
      draw(state, model);
    };
    const put = (list, at, typed) => {
      list[at] = merged(list[at], typed);
      if (list[at] !== typed)
        say(`Numbers from −${LARGEST} to ${LARGEST}; it is ${show(list[at])} now.`);
    };
    const inputs = grids("Input channel", (c) => ({
      visit: visit("pixel", c),
      edit: (y, x, value) => {
        const pixels = structuredClone(state.pixels);
        put(pixels[c][model.rows.places[y].name], model.columns.places[x].name, value);
        set({ image: "own", pixels });
      },
    }));
    const kernels = grids("Kernel of input channel", (c) => ({
      visit: visit("weight", c),
      edit: (i, j, value) => {
        const weights = structuredClone(model.layer.weights);
        put(weights[state.cell[0]][c][i], j, value);
        setLayer({ kernel: "own", weights });
      },
    }));
    const biases = grids("Bias of output channel", (o) => ({
      edit: (i, j, value) => {
        const list = [...model.layer.biases];
        put(list, o, value);
        setLayer({ biases: list });
      },
    }));
    const outputs = grids("Output channel", (o) => ({
      // What is typed belongs to the kernel that is shown.
      visit: (y, x) => y === undefined || typing() || set({ cell: [o, y, x] }),
      pick: (y, x) => set({ pinned: same(state.pinned, [o, y, x]) ? null : [o, y, x] }),
    }));
    const influences = grids("Influence of image channel");

    const drawInput = (c) => {
      const { rows, columns, padded, axes, layer, chosen } = model;
      const { height, width, data } = padded[c] ?? {};
      const [size, whole] = [`${axes[0].size} × ${axes[1].size}`, `${height} × ${width}`];
      const [, r, s] = chosen?.cell ?? [];
      const [down, across] = [rows.taps(r), columns.taps(s)];
      const [channel, i, j] = look.weight ?? [];
      const turn = (taps) => (layer.flipped ? [...taps].reverse() : taps);
      const [top, left] = channel === c ? [turn(down)[i], turn(across)[j]] : [];
      inputs.draw(
        c,
        `Input channel ${c}\n${size}` +
          (whole === size ? "" : `, padded to ${whole}`) +
          (state.layer > 1 ? `, output of layer ${state.layer - 1} (not editable)` : ""),
        height,
        width,
        (y, x) => {
          const row = rows.places[y];
          const column = columns.places[x];
          const value = data[y * width + x];
          const padding = row.padding || column.padding;
          const marks = {
            padding,
            patch: down.includes(y) && across.includes(x),
            unused: row.unused || column.unused,
            linked: top === y && left === x,
          };
          const sums = `, in ${row.uses.length * column.uses.length} sums`;
          const cell = cellOf(row.name, column.name, value, marks, sums);
          if (!padding && state.layer === 1) cell.value = value;
          return cell;
        },
      );
    };
    const drawKernel = (c) => {
      const { chosen } = model;
      const { weights, flipped, size0, size1 } = model.layer;
      const [o] = state.cell;
      const rows = weights[o][c];
      const turned = flipped ? ", turned by 180° for the sum" : "";
      const title = `Kernel\ninput ${c}, output ${o}${turned}`;
      kernels.draw(c, title, rows && size0, size1, (i, j) => {
        const k = i * size1 + j;
        const { pixel, padding } = chosen?.channels[c].terms.at(flipped ? -1 - k : k) ?? {};
        const met = chosen ? `, lies on ${show(pixel)}${padding ? ", padding" : ""}` : "";
        return { ...cellOf(i, j, rows[i][j], {}, met), value: rows[i][j] };
      });
    };
    const drawBias = (o) => {
      const { bias, biases: list } = model.layer;
      biases.draw(o, `Bias of output ${o}`, +(bias && o in list), 1, () => ({
        ...cellOf(0, 0, list[o]),
        value: list[o],
      }));
    };
    const drawOutput = (o) => {
      const { rows, columns, layers } = model;
      const { height, width, data } = layers.at(-1).output?.[o] ?? {};
      const [, r, s] = look.pixel ?? [];
      const [row, column] = [rows.places[r], columns.places[s]];
      const is = (at, y, x) => at && at[0] === o && at[1] === y && at[2] === x;
      outputs.draw(o, `Output channel ${o}\n${height} × ${width}`, height, width, (y, x) =>
        cellOf(y, x, data[y * width + x], {
          chosen: is(state.cell, y, x),
          pinned: is(state.pinned, y, x),
          linked: row?.uses.includes(y) && column?.uses.includes(x),
        }),
      );
    };
    const drawInfluence = (c) => {
      const { height, width, data } = model.chosen.influence[c] ?? {};
      const [rows, columns] = model.fields;
      const lies = (at, { from, to }) => at >= from && at < to;
      influences.draw(c, `Image channel ${c}`, height, width, (y, x) => {
        const value = data[y * width + x];
        return cellOf(y, x, value, { used: value, field: lies(y, rows) && lies(x, columns) });
      });
    };

    const problem = h("p", { class: "xp-problem" });
    const [sum, pinned] = [box("xp-sum"), box("xp-sum")];
    const [first, counts, words] = [box("xp-row"), box(""), box("")];
    const folds = [
      "Layer 1: kernel size, stride, padding, dilation",
      "Layer 1: output channels, bias, ReLU",
      "Image size, input channels, speed",
    ].map((title) => folded(title, box("xp-sizes")));
    const steps = box(
      "xp-row",
      XP.button("Step back", () => step(-1)),
      XP.button("Step forward", () => step(1)),
      player.element,
      h("label", { class: "xp-control xp-position" }, stepNow, slider),
    );
    const field = folded("Receptive field in the image", words, influences.element);
    const here = { get, set, say };
    const there = { get: layerNow, set: setLayer, say };
    const controls = [
      XP.controls(first, SHOWN, here),
      XP.controls(first, KIND, there),
      XP.controls(folds[0].lastChild, SIZES, there),
      XP.controls(folds[1].lastChild, SUM, there),
      XP.controls(folds[2].lastChild, MORE, here),
    ];
    root.append(
      box("xp-row", inputs.element, box("", kernels.element, biases.element), outputs.element),
      h("p", {}, LEGEND),
      problem,
      steps,
      sum,
      pinned,
      first,
      ...folds,
      counts,
      field,
      folded("Keys", HELP),
    );

    place.addEventListener("keydown", (event) => {
      const { target, key } = event;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (target.matches("select, [type='number'], [type='text']")) return;
      const free = !target.matches("input, button, summary, a, [role='region']");
      if (key === "n") step(1);
      else if (key === "p") step(-1);
      else if (free && key === "Home") go(0);
      else if (free && key === "End") go(Infinity);
      else if (free && key === " ") player.toggle();
      else return;
      event.preventDefault();
    });

    const drawSum = () => {
      const { chosen, pinned: pin, layer } = model;
      const at = indexOf(chosen.cell) + 1;
      slider.max = last() + 1;
      slider.value = at;
      slider.setAttribute("aria-valuetext", nameOf(chosen.cell));
      stepNow.textContent = `Step ${at} of ${last() + 1}`;
      write(sum, inWords(chosen, layer));
      if (pin) write(pinned, ["Pinned", ...inWords(pin, layer)]);
      write(counts, facts(model));
      write(words, traced(model));
      [0, 1, 2].forEach(drawInfluence);
    };
    const draw = (...now) => {
      [state, model] = now;
      for (const element of [steps, sum, counts, field]) element.hidden = model.problem;
      pinned.hidden = !model.pinned || same(state.pinned, state.cell);
      problem.hidden = !model.problem;
      problem.textContent = model.problem;
      for (const one of [drawInput, drawKernel, drawBias, drawOutput]) [0, 1, 2].forEach(one);
      const [above, left] = model.frame; // from where the style sheet counts
      inputs.element.style.cssText = `--xp-rows: -${above}; --xp-columns: -${left}`;
      for (const { firstChild } of folds)
        firstChild.textContent = firstChild.textContent.replace(/\d/, state.layer);
      if (!model.problem) drawSum();
      for (const showControls of controls) showControls();
    };
    return draw;
  };

  XP.explorable("stepper", { clean, compute, build, summary, torch });
})();
