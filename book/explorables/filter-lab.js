// The filter lab: what a filter answers to an image of pixels from −0.5 to 0.5.
(() => {
  const { box, core, folded, h, ...XP } = window.XP;
  const SIDE = 128;
  const TURN = 2 * Math.PI;
  const SAME = 0.99999; // of the largest answer: as large, but for rounding

  // A field that only some families have names them.
  const choice = (label, options, only) => {
    return { label, options, only, default: Object.keys(options)[0] };
  };
  const flag = (label, usual, only) => ({ label, only, default: usual });
  const range = (label, unit, [min, max, step], usual, only) => {
    return { label, unit, min, max, step, only, default: usual };
  };
  const MAIN = {
    image: choice("Image", {
      photograph: "photograph",
      edge: "edge",
      bars: "bars in all directions",
      dots: "dots of four sizes",
      own: "a file of your own",
    }),
    family: choice("Filter", {
      gabor: "Gabor",
      difference: "difference of Gaussians",
      gaussian: "Gaussian",
      custom: "your own weights",
    }),
    off: flag("OFF instead of ON: the negative", false, "difference, gaussian"),
    orientation: range(
      "Orientation",
      "degrees; 0 is upright, turns clockwise",
      [0, 179, 1],
      0,
      "gabor",
    ),
    wavelength: range("Wavelength of Gabor and gratings", "pixels", [4, 16, 0.5], 8),
    phase: range("Phase", "degrees; 90 is π/2", [-180, 180, 5], 0, "gabor"),
    sigma: range("σ", "pixels", [0.5, 10, 0.1], 4, "gabor, gaussian"),
    sigmaCenter: range("σ of the centre", "pixels", [0.3, 6, 0.1], 1.5, "difference"),
    sigmaSurround: range("σ of the surround", "pixels", [0.4, 10, 0.1], 2.4, "difference"),
    balance: range("Balance", "weight of the surround", [0, 2, 0.05], 1, "difference"),
    side: choice("Size", { 3: "3 × 3", 5: "5 × 5", 7: "7 × 7" }, "custom"),
    stride: range("Stride", "", [1, 4, 1], 1),
    rectified: flag("Rectified: negative becomes 0", false),
  };
  const MORE = {
    size: range("Size of the kernel", "pixels", [3, 21, 2], 21, "gabor, difference, gaussian"),
    aspect: range("Aspect", "σ across over σ along the bars", [0.2, 3, 0.05], 1, "gabor"),
    zeroMean: flag("Zero mean: the weights sum to 0", true, "gabor"),
    row: range("Row of the probe", "", [0, SIDE - 1, 1], 84),
    column: range("Column of the probe", "", [0, SIDE - 1, 1], 79),
  };
  const FIELDS = { ...MAIN, ...MORE };

  const PRESETS = {
    "Upright edge": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    "Level edge": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
    Laplacian: [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
    Blur: [[0.0625, 0.125, 0.0625], [0.125, 0.25, 0.125], [0.0625, 0.125, 0.0625]],
  };

  const clean = (given) => {
    const state = XP.clean(FIELDS, given);
    const { weights } = Object(given);
    const rows = Array.isArray(weights) ? weights : PRESETS["Upright edge"];
    const outside = (rows.length - state.side) / 2; // what is cut off, or filled with zeros
    const weight = (y, x) => {
      const value = rows[y + outside]?.[x + outside];
      return Number.isFinite(value) ? +Math.min(10, Math.max(-10, value)).toFixed(6) : 0;
    };
    return { ...state, weights: core.toRows(core.image(+state.side, +state.side, weight)) };
  };

  // The photograph comes with the page, and the reader's own picture later.
  const square = (at) => core.image(SIDE, SIDE, at);
  const ray = (y, x) => Math.cos(16 * Math.atan2(y - 63.5, x - 63.5));
  const isDot = (y, x) => Math.hypot((x % 32) - 15.5, (y % 32) - 15.5) < 1.5 * 2 ** (x >> 5);
  const images = {
    photograph: square(),
    edge: square((y, x) => (x < 64 ? -0.5 : 0.5)),
    bars: square((y, x) => (ray(y, x) > 0 ? 0.5 : -0.5)),
    dots: square((y, x) => (isDot(y, x) ? 0.5 : -0.5)),
  };
  const canvas = (side) => h("canvas", { width: side, height: side }).getContext("2d");
  // Some browsers do not let a page read what it has drawn, and give it noise without an error.
  const isReadable = () => {
    const context = canvas(8);
    return [0, 255].every((level) => {
      context.fillStyle = level ? "white" : "black";
      context.fillRect(0, 0, 8, 8);
      const { data } = context.getImageData(0, 0, 8, 8);
      return data.every((value, i) => i % 4 === 3 || Math.abs(value - level) < 9);
    });
  };
  // The middle square of a picture, in 256 levels of grey: the mean over each of our pixels. Most
  // browsers skip pixels when they make a picture much smaller, and stripes would turn into others; a
  // large one is halved first, which they do well.
  const LARGE = 1024;
  const toGrey = (picture) => {
    const { width, height } = picture;
    let side = Math.min(width, height);
    let corner = [(width - side) / 2, (height - side) / 2];
    let context;
    do {
      const size = Math.max(SIDE, side > LARGE ? side >> 1 : side);
      context = canvas(size);
      context.fillStyle = "white"; // behind what is transparent
      context.fillRect(0, 0, size, size);
      context.drawImage(picture, ...corner, side, side, 0, 0, size, size);
      [picture, side, corner] = [context.canvas, size, [0, 0]];
    } while (side > LARGE);
    const { data } = context.getImageData(0, 0, side, side);
    const sums = square().data;
    const counts = square().data;
    for (let i = 0; i < side * side; i++) {
      const [y, x] = [i / side, i % side].map((at) => Math.floor((Math.floor(at) * SIDE) / side));
      const level = 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2];
      sums[y * SIDE + x] += level;
      counts[y * SIDE + x]++;
    }
    return square((y, x) => Math.round(sums[y * SIDE + x] / counts[y * SIDE + x]) / 255 - 0.5);
  };

  const radians = (degrees) => (degrees * TURN) / 360;
  // σ of centre and surround, and the weight of the surround: 0 for a lone Gaussian.
  const gaussians = ({ family, sigma, sigmaCenter, sigmaSurround, balance }) =>
    family === "gaussian" ? [sigma, 2 * sigma, 0] : [sigmaCenter, sigmaSurround, balance];
  const makeKernel = (state) => {
    const { family, size, wavelength, orientation } = state;
    if (family === "custom") return core.fromRows(state.weights);
    if (family === "gabor")
      return core.gabor(size, wavelength, orientation, { ...state, phase: radians(state.phase) });
    const cell = core.differenceOfGaussians(size, ...gaussians(state));
    return state.off ? { ...cell, data: cell.data.map((value) => -value) } : cell;
  };

  // The largest answer to gratings of contrast 1, whatever their phase.
  const amplitude = ({ width, data }, wavelength, angle) => {
    const across = (TURN / wavelength) * Math.cos(radians(angle));
    const down = (TURN / wavelength) * Math.sin(radians(angle));
    const middle = (width - 1) / 2;
    let even = 0;
    let odd = 0;
    for (let y = 0, i = 0; y < width; y++)
      for (let x = 0; x < width; x++, i++) {
        const phase = across * (x - middle) + down * (y - middle);
        even += data[i] * Math.cos(phase);
        odd += data[i] * Math.sin(phase);
      }
    return Math.hypot(even, odd) / 2;
  };

  const extremes = (values) => [Math.min(...values), Math.max(...values)];
  const show = (value) => XP.number(+value.toFixed(4), 9);
  const inColumn = (value) => (+value.toFixed(4) || 0).toFixed(4).replace("-", "−");
  const fromTo = ([least, most]) => `from ${show(least)} to ${show(most)}`;

  const compute = (state) => {
    const image = images[state.image] ?? images.photograph;
    const kernel = makeKernel(state);
    const { width } = kernel;
    const { stride, family, sigmaCenter } = state;
    const padding = [width >> 1, width >> 1];
    const rectify = (value) => (state.rectified ? Math.max(0, value) : value);
    const options = { padding, stride: [stride, stride] };
    const [answer] = core.conv2d([image], [[kernel]], null, options);
    answer.data = answer.data.map(rectify);

    const [row, column] = [state.row, state.column].map((at) => at - (at % stride));
    const padded = core.pad(image, padding);
    const patch = core.image(width, width, (y, x) => {
      return padded.data[(row + y) * padded.width + column + x];
    });
    const product = { ...patch, data: patch.data.map((value, i) => value * kernel.data[i]) };
    const sum = core.sum(product);

    const tune = (_, angle) => amplitude(kernel, state.wavelength, angle);
    const tuning = Array.from({ length: 180 }, tune);
    const reached = extremes(tuning);
    const isLevel = show(reached[0]) === show(reached[1]);
    return {
      image,
      kernel,
      answer,
      row,
      column,
      patch,
      product,
      sum,
      value: rectify(sum),
      total: core.sum(kernel),
      section: core.toRows(makeKernel({ ...state, orientation: 0 }))[padding[0]],
      tuning,
      reached,
      peaks: isLevel ? [] : [tuning.findIndex((strength) => strength >= reached[1] * SAME)],
      problem:
        family === "difference" && state.sigmaSurround <= sigmaCenter
          ? `The surround must be wider than the centre: make its σ larger than ${sigmaCenter}.`
          : undefined,
    };
  };

  const probeWords = ({ row, column, sum, value, total, kernel }) => {
    const reach = Math.max(...[row, column].map((at) => Math.abs(at - 63.5))) + kernel.width / 2;
    return (
      `The weights sum to ${show(total)}. ` +
      `At row ${row}, column ${column} the products sum to ${show(sum)}` +
      (show(value) === show(sum) ? "." : "; rectified, the answer is 0.") +
      (reach > SIDE / 2 ? " Outside the image: 0." : "")
    );
  };
  const strengthWords = ({ reached, peaks }) =>
    peaks.length
      ? `Strengths ${fromTo(reached)}. Dashed: the largest, at ${peaks[0]}°.`
      : `All are ${show(reached[1])}: no orientation is preferred.`;
  const summary = (state, { total, value, answer, reached, peaks }) =>
    (state.image in images ? "" : "Choose your file; until then, this is the photograph. ") +
    `The weights sum to ${show(total)}. Answer at the probe: ${show(value)}; ` +
    `all answers: ${fromTo(extremes(answer.data))}. ` +
    `Largest strength: ${[show(reached[1]), ...peaks.map((angle) => angle + "°")].join(" at ")}.`;

  const GRID = 'y, x = torch.meshgrid(torch.arange(128), torch.arange(128), indexing="ij")\n';
  const IMAGE_CODE = {
    photograph:
      "image = convtools.natural_image(128)\n" +
      "image = torch.round((image + 0.5) * 255) / 255 - 0.5  # 256 levels of grey",
    edge: `${GRID}image = torch.where(x < 64, -0.5, 0.5)`,
    bars:
      `${GRID}ray = torch.cos(16 * torch.atan2(y - 63.5, x - 63.5))\n` +
      "image = torch.where(ray > 0, 0.5, -0.5)",
    dots:
      `${GRID}distance = torch.hypot(x % 32 - 15.5, y % 32 - 15.5)\n` +
      "image = torch.where(distance < 1.5 * 2 ** (x // 32), 0.5, -0.5)",
  };
  const tensor = (name, rows) => {
    const lines = rows.map((row) => `    [${row.join(", ")}],\n`);
    return `${name} = torch.tensor([\n${lines.join("")}])`;
  };
  const kernelCode = (state) => {
    const { size, orientation, phase, sigma, aspect } = state;
    if (state.family === "custom") return `${tensor("kernel", state.weights)}.float()`;
    if (state.family !== "gabor") {
      const [center, surround, balance] = gaussians(state);
      return (
        `kernel = ${state.off ? "-" : ""}convtools.difference_of_gaussians(\n` +
        `    ${size}, ${center}, ${surround}, balance=${balance}\n)`
      );
    }
    return (
      `kernel = convtools.gabor(\n    ${size}, ${state.wavelength}, ${orientation}, ` +
      `phase=np.deg2rad(${phase}), sigma=${sigma},\n    ` +
      `aspect=${aspect}, zero_mean=${state.zeroMean ? "True" : "False"}\n)`
    );
  };
  const torch = (state, { image, kernel, patch, row, column, peaks }) => {
    const { stride, wavelength } = state;
    const levels = core.toRows(patch).map((line) => line.map((v) => +(255 * v + 127.5).toFixed(1)));
    const isOwn = image === images.own; // which Python does not have
    const given = isOwn
      ? `${tensor("image", levels)} / 255 - 0.5`
      : (IMAGE_CODE[state.image] ?? IMAGE_CODE.photograph);
    const padding = isOwn ? 0 : kernel.width >> 1;
    const at = isOwn ? "0, 0" : `${row / stride}, ${column / stride}`;
    return [
      "import numpy as np\nimport torch\nimport convtools\n",
      given,
      kernelCode(state),
      'print(f"sum of the kernel {kernel.sum():z.4f}")',
      "answer = torch.nn.functional.conv2d(",
      `    image[None, None], kernel[None, None], stride=${stride}, padding=${padding}`,
      `)[0, 0]${state.rectified ? ".relu()" : ""}`,
      `print(f"at the probe {answer[${at}]:z.4f}")`,
      padding ? 'print(f"all answers from {answer.min():z.4f} to {answer.max():z.4f}")' : "",
      "def wave(angle, phase):",
      `    grating = convtools.sine_grating(kernel.shape, ${wavelength}, angle, phase=phase)`,
      "    return (grating * kernel).sum().item()",
      "tuning = np.array([np.hypot(wave(a, 0), wave(a, np.pi / 2)) for a in range(180)])",
      'print(f"strengths from {tuning.min():.4f} to {tuning.max():.4f}")',
      ...peaks.map(
        () => `print(f"largest at {np.argmax(tuning >= ${SAME} * tuning.max())} degrees")`,
      ),
    ].join("\n");
  };

  // A picture, its name and its scale; and a frame, in parts of its width.
  const panel = (name, signed, attributes) => {
    const picture = XP.picture(name, { signed });
    const pad = h("div", { class: "filter-pad", ...attributes }, picture.element);
    const scale = box(`filter-scale ${signed ? "filter-signed" : ""}`);
    const draw = (values, what = name, isRectified = false) => {
      const { width, data } = values;
      const reached = extremes(data);
      const limit = signed ? Math.max(...reached.map(Math.abs)) : 0.5;
      picture.draw(values, limit);
      const words = `${what}, ${width} × ${width}, ${fromTo(reached)}`;
      picture.element.setAttribute("aria-label", words);
      scale.classList.toggle("filter-rectified", isRectified);
      const ends = [isRectified ? 0 : -limit, limit];
      scale.replaceChildren(...ends.map((end) => h("span", {}, XP.number(end, 2))));
    };
    const frame = box("filter-frame");
    const mark = (x, y, width) => {
      pad.append(frame);
      frame.style.cssText = `left: ${100 * x}%; top: ${100 * y}%; width: ${100 * width}%`;
    };
    const title = h("p", { class: "xp-title" }, name);
    return { element: box("", title, pad, scale), draw, mark };
  };

  const plot = (x, y) => {
    const title = h("p", { class: "xp-title" });
    const chart = XP.chart(x, y);
    const words = h("p");
    const table = XP.table(`${y}, in numbers`, [x, y]);
    const draw = (name, said, given) => {
      title.textContent = name;
      words.textContent = said;
      chart.draw({ ...given, label: `${name}. ${said}` });
      table.draw(() => given.lines[0].map(([at, value]) => [at, inColumn(value)]));
    };
    return { element: box("", title, chart.element, words, table.element), draw };
  };

  const build = (view) => {
    const { root, place, get, set, say } = view;
    const read = async () => {
      try {
        const picture = await createImageBitmap(file.files[0]);
        if (isReadable()) {
          images.own = toGrey(picture);
          set({ image: "own" });
        } else say("The browser hides pixels from pages. If it asks, allow it, and choose again.");
      } catch {
        say("The browser cannot read this file as a picture. Nothing has changed.");
      }
      file.value = ""; // so that the same file can be chosen again
    };
    const file = h("input", { type: "file", accept: "image/*", change: read });
    const upload = h("label", { class: "xp-control" }, "Your file (it stays on your device)", file);

    const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    const probed = (name) => ({
      tabindex: 0,
      role: "application",
      "aria-label": `${name}: the arrow keys move the probe`,
      click: ({ target, offsetX, offsetY }) => {
        const pixel = target.clientWidth / SIDE;
        set({ row: offsetY / pixel - 0.5, column: offsetX / pixel - 0.5 });
      },
      keydown: (event) => {
        if (!MOVES[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        const { row, column, stride } = get();
        const step = stride * Math.ceil((event.shiftKey ? 8 : 1) / stride);
        const [down, across] = MOVES[event.key];
        set({ row: row + down * step, column: column + across * step });
      },
    });
    const image = panel("Image", false, probed("Image"));
    const answer = panel("Answer", true, probed("Answer"));
    const patch = panel("Patch", false);
    const kernel = panel("Kernel", true);
    const last = panel("Products", true);
    const sum = h("p");
    const heads = ["Row", "Column", "Pixel", "Weight", "Product"];
    const products = XP.table("The products in numbers", heads);

    const main = box("xp-columns");
    const more = box("xp-columns");
    const updates = [XP.controls(main, MAIN, view), XP.controls(more, MORE, view)];
    main.firstChild.after(upload);
    const edit = (y, x, value) => {
      if (!(Math.abs(value) <= 10)) {
        say("Weights go from −10 to 10. Nothing has changed.");
        return;
      }
      const { weights: changed } = structuredClone(get());
      changed[y]?.splice(x, 1, value); // there may be fewer by now
      set({ weights: changed });
    };
    const weights = XP.grid("Weights", { edit });
    const presets = Object.entries(PRESETS).map(([name, rows]) =>
      XP.button(name, () => set({ side: "3", weights: rows })),
    );
    const custom = h(
      "div",
      {},
      h("p", { class: "xp-title" }, "Weights from −10 to 10: tap or Enter to edit"),
      box("xp-scroll", weights.element),
      box("xp-tools", ...presets),
    );
    const tuning = plot("Orientation (degrees)", "Strength");
    const profile = plot("Pixels from the centre", "Weight");
    root.append(
      h(
        "p",
        {},
        "To move the probe, tap image or answer, or use the arrow keys there (Shift: by 8). " +
          "The keys [ and ] turn a Gabor by 5 degrees.",
      ),
      box("filter-pictures", image.element, answer.element),
      box("filter-probe", patch.element, "×", kernel.element, "=", last.element),
      sum,
      main,
      custom,
      folded("More settings", more),
      box("xp-columns", tuning.element, profile.element),
      products.element,
    );

    place.addEventListener("keydown", (event) => {
      const by = { "[": -5, "]": 5 }[event.key];
      const isCommand = event.metaKey || (event.ctrlKey && !event.altKey); // both are AltGr
      const isTyping = /number|text/.test(event.target.type);
      if (!by || isCommand || isTyping || get().family !== "gabor") return;
      set({ orientation: (get().orientation + by + 180) % 180 });
      event.preventDefault();
    });
    const levels = atob(place.dataset.photograph);
    images.photograph = square((y, x) => levels.charCodeAt(y * SIDE + x) / 255 - 0.5);

    return (state, model) => {
      const { row, column, section } = model;
      const { width, data } = model.kernel;
      const isHidden = (key) => FIELDS[key].only?.includes(state.family) === false;
      updates.forEach((update) => update(isHidden));
      upload.hidden = state.image !== "own";
      custom.hidden = state.family !== "custom";
      weights.draw(+state.side, +state.side, (y, x) => {
        const value = state.weights[y][x];
        const text = XP.number(value);
        return { text, value, label: `row ${y}, column ${x}: ${text}` };
      });

      const middle = (side, stride) => [column, row].map((at) => (at / stride + 0.5) / side);
      image.draw(model.image, `Image: ${MAIN.image.options[state.image]}`);
      image.mark(...middle(SIDE, 1), width / SIDE);
      answer.draw(model.answer, "Answer", state.rectified);
      answer.mark(...middle(model.answer.width, state.stride), 0.08);
      patch.draw(model.patch);
      kernel.draw(model.kernel);
      last.draw(model.product);
      sum.textContent = model.problem ?? probeWords(model);
      sum.className = model.problem ? "xp-problem" : "";
      products.draw(() =>
        Array.from(data, (weight, i) => {
          const numbers = [model.patch.data[i], weight, model.product.data[i]];
          return [Math.floor(i / width), i % width, ...numbers.map(inColumn)];
        }),
      );

      tuning.draw(`Strength for gratings of ${state.wavelength} pixels`, strengthWords(model), {
        x: [0, 180],
        xTicks: [0, 45, 90, 135, 180],
        y: [0, 1.1 * model.reached[1] || 1],
        lines: [[...model.tuning, model.tuning[0]].map((value, angle) => [angle, value])],
        marks: model.peaks,
      });
      const [least, most] = extremes([0, ...section]);
      const end = (width - 1) / 2;
      const words = `Weights ${fromTo(extremes(section))}.`;
      const name =
        state.family === "gabor"
          ? "Across the bars (middle row before turning)"
          : "Middle row of the kernel";
      profile.draw(name, words, {
        x: [-end, end],
        y: least < most ? [1.1 * least, 1.1 * most] : [0, 1],
        lines: [section.map((value, i) => [i - end, value])],
      });
    };
  };

  XP.explorable("filter-lab", { clean, compute, build, summary, torch });
})();
