// The filter lab: the response of a filter to an image of pixels from −0.5 to 0.5.
(() => {
  const { arrows, box, button, controls, core, field, folded, format, h, keys, titled, words } = XP;
  const SIDE = 128;
  const TURN = 2 * Math.PI;
  const SAME = 0.99999; // of the largest response: equal up to rounding

  // `only`: the families that have a field. Without it, all have.
  const DEGREES = "degrees; 0 is vertical, positive is clockwise";
  const ONLY_GABOR = { only: ["gabor"] };
  const ONLY_DIFFERENCE = { unit: "pixels", only: ["difference"] };
  const MAIN = {
    image: field.choice("Image", {
      photograph: "photograph",
      edge: "edge",
      bars: "bars at all orientations",
      dots: "dots of four sizes",
      own: "a file of your own",
    }),
    family: field.choice("Filter", {
      gabor: "Gabor",
      difference: "difference of Gaussians",
      gaussian: "Gaussian",
      custom: "your own weights",
    }),
    off: field.flag("OFF instead of ON (negated)", false, { only: ["difference", "gaussian"] }),
    orientation: field.number("Orientation", [0, 179, 1], 0, { unit: DEGREES, ...ONLY_GABOR }),
    wavelength: field.number("Wavelength of Gabor and gratings", [4, 16, 0.5], 8, {
      unit: "pixels",
    }),
    phase: field.number("Phase", [-180, 180, 5], 0, { unit: "degrees; 90 is π/2", ...ONLY_GABOR }),
    sigma: field.number("σ", [0.5, 10, 0.1], 4, { unit: "pixels", only: ["gabor", "gaussian"] }),
    sigmaCenter: field.number("σ of the centre", [0.3, 6, 0.1], 1.5, ONLY_DIFFERENCE),
    sigmaSurround: field.number("σ of the surround", [0.4, 10, 0.1], 2.4, ONLY_DIFFERENCE),
    balance: field.number("Balance", [0, 2, 0.05], 1, {
      ...ONLY_DIFFERENCE,
      unit: "weight of the surround",
    }),
    side: field.choice("Size", { 3: "3 × 3", 5: "5 × 5", 7: "7 × 7" }, { only: ["custom"] }),
    stride: field.number("Stride", [1, 4, 1], 1),
    rectified: field.flag("Rectified: negative values become 0", false),
  };
  const MORE = {
    size: field.number("Size of the kernel", [3, 21, 2], 21, {
      unit: "pixels",
      only: ["gabor", "difference", "gaussian"],
    }),
    aspect: field.number("Aspect", [0.2, 3, 0.05], 1, {
      unit: "σ across the bars / σ along them",
      ...ONLY_GABOR,
    }),
    zeroMean: field.flag("Zero mean: the weights sum to 0", true, ONLY_GABOR),
    row: field.number("Row of the probe", [0, SIDE - 1, 1], 84),
    column: field.number("Column of the probe", [0, SIDE - 1, 1], 79),
  };
  const FIELDS = { ...MAIN, ...MORE };

  const PRESETS = {
    "Vertical edges (Sobel)": [
      [-1, 0, 1],
      [-2, 0, 2],
      [-1, 0, 1],
    ],
    "Horizontal edges (Sobel)": [
      [-1, -2, -1],
      [0, 0, 0],
      [1, 2, 1],
    ],
    Laplacian: [
      [0, 1, 0],
      [1, -4, 1],
      [0, 1, 0],
    ],
    Blur: [
      [0.0625, 0.125, 0.0625],
      [0.125, 0.25, 0.125],
      [0.0625, 0.125, 0.0625],
    ],
  };

  const clean = (given) => {
    const state = XP.clean(FIELDS, given);
    const { weights } = Object(given);
    const rows = Array.isArray(weights) ? weights : PRESETS["Vertical edges (Sobel)"];
    const outside = (rows.length - state.side) / 2; // what is cut off, or filled with zeros
    const weight = (y, x) => {
      const value = rows[y + outside]?.[x + outside];
      return Number.isFinite(value) ? +Math.min(10, Math.max(-10, value)).toFixed(6) : 0;
    };
    return { ...state, weights: core.toRows(core.image(+state.side, +state.side, weight)) };
  };

  // The photograph comes with the page, and the reader's own image later.
  const square = (at) => core.image(SIDE, SIDE, at);
  const ray = (y, x) => Math.cos(16 * Math.atan2(y - 63.5, x - 63.5));
  const isDot = (y, x) => Math.hypot((x % 32) - 15.5, (y % 32) - 15.5) < 1.5 * 2 ** (x >> 5);
  const images = {
    photograph: square(),
    edge: square((_y, x) => (x < 64 ? -0.5 : 0.5)),
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
  // The middle square of an image, in 256 levels of grey: the mean over each of our pixels. Most
  // browsers skip pixels when they make an image much smaller, and stripes would be aliased; a
  // large one is halved first, which they do well.
  const LARGE = 1024;
  const shrunk = (picture) => {
    const { width, height } = picture;
    let side = Math.min(width, height);
    let corner = [(width - side) / 2, (height - side) / 2];
    let context;
    let source = picture;
    do {
      const size = Math.max(SIDE, side > LARGE ? side >> 1 : side);
      context = canvas(size);
      context.fillStyle = "white"; // behind what is transparent
      context.fillRect(0, 0, size, size);
      context.drawImage(source, ...corner, side, side, 0, 0, size, size);
      [source, side, corner] = [context.canvas, size, [0, 0]];
    } while (side > LARGE);
    return context.getImageData(0, 0, side, side);
  };
  const toGrey = (picture) => {
    const { data, width: side } = shrunk(picture);
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

  // The largest response to gratings of contrast 1 over all phases.
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
  const show = (value) => format.rounded(value, 4, 9);
  const inColumn = (value) => format.fixed(value, 4);
  const fromTo = (range) => format.range(range, show);

  // The patch at the probe, its products with the weights, and their sum.
  const probe = (state, image, kernel) => {
    const { width } = kernel;
    const [row, column] = [state.row, state.column].map((at) => at - (at % state.stride));
    const padded = core.pad(image, [width >> 1, width >> 1]);
    const pixel = (y, x) => padded.data[(row + y) * padded.width + column + x];
    const patch = core.image(width, width, pixel);
    const product = { ...patch, data: patch.data.map((value, i) => value * kernel.data[i]) };
    return { row, column, patch, product, sum: core.sum(product) };
  };
  const tune = (kernel, wavelength) => {
    const tuning = Array.from({ length: 180 }, (_, angle) => amplitude(kernel, wavelength, angle));
    const reached = extremes(tuning);
    const isFlat = show(reached[0]) === show(reached[1]);
    const peak = tuning.findIndex((value) => value >= reached[1] * SAME);
    return { tuning, reached, peaks: isFlat ? [] : [peak] };
  };
  const compute = (state) => {
    const image = images[state.image] ?? images.photograph;
    const kernel = makeKernel(state);
    const { stride, family, sigmaCenter, sigmaSurround } = state;
    const half = kernel.width >> 1;
    const rectify = (value) => (state.rectified ? Math.max(0, value) : value);
    const options = { padding: [half, half], stride: [stride, stride] };
    const [response] = core.conv2d([image], [[kernel]], null, options);
    response.data = response.data.map(rectify);
    const probed = probe(state, image, kernel);
    return {
      image,
      kernel,
      response,
      ...probed,
      value: rectify(probed.sum),
      total: core.sum(kernel),
      section: core.toRows(makeKernel({ ...state, orientation: 0 }))[half],
      ...tune(kernel, state.wavelength),
      problem:
        family === "difference" && sigmaSurround <= sigmaCenter
          ? `The surround must be wider than the centre: make its σ larger than ${sigmaCenter}.`
          : undefined,
    };
  };

  const probeWords = ({ row, column, sum, value, total, kernel }) => {
    const reach = Math.max(...[row, column].map((at) => Math.abs(at - 63.5))) + kernel.width / 2;
    return (
      `The weights sum to ${show(total)}. ` +
      `At row ${row}, column ${column} the products sum to ${show(sum)}` +
      (show(value) === show(sum) ? "." : "; rectified, the response is 0.") +
      (reach > SIDE / 2 ? " Outside the image: 0." : "")
    );
  };
  const inDegrees = (angle) => `${angle}°`;
  const tuningWords = ({ reached, peaks }) =>
    peaks.length
      ? `Response amplitude ${fromTo(reached)}. Dashed: the largest, at ${inDegrees(peaks[0])}.`
      : `Always ${show(reached[1])}. No orientation is preferred.`;
  const summary = (state, { total, value, response, reached, peaks }) =>
    (state.image in images ? "" : "Choose your file; until then, this is the photograph. ") +
    `The weights sum to ${show(total)}. Response at the probe: ${show(value)}; ` +
    `all responses: ${fromTo(extremes(response.data))}. ` +
    `Largest response amplitude: ${[show(reached[1]), ...peaks.map(inDegrees)].join(" at ")}.`;

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
        `    ${center}, ${surround}, balance=${balance}, size=${size}\n)`
      );
    }
    return (
      `kernel = convtools.gabor(\n    ${state.wavelength}, ${orientation}, ` +
      `phase=np.deg2rad(${phase}), sigma=${sigma},\n    ` +
      `aspect=${aspect}, size=${size}, zero_mean=${state.zeroMean ? "True" : "False"}\n)`
    );
  };
  // The image as Python has it, the padding, and where the response at the probe is. Of the reader's own
  // image, which Python does not have, the patch.
  const imageCode = (state, { image, kernel, patch, row, column }) => {
    if (image !== images.own) {
      const code = IMAGE_CODE[state.image] ?? IMAGE_CODE.photograph;
      const at = `${row / state.stride}, ${column / state.stride}`;
      return { code, padding: kernel.width >> 1, at };
    }
    const levels = core.toRows(patch).map((line) => line.map((v) => +(255 * v + 127.5).toFixed(1)));
    return { code: `${tensor("image", levels)} / 255 - 0.5`, padding: 0, at: "0, 0" };
  };
  const torch = (state, model) => {
    const { stride, wavelength } = state;
    const { code, padding, at } = imageCode(state, model);
    return [
      "import numpy as np\nimport torch\nimport convtools\n",
      code,
      kernelCode(state),
      'print(f"sum of the kernel {kernel.sum():z.4f}")',
      "response = torch.nn.functional.conv2d(",
      `    image[None, None], kernel[None, None], stride=${stride}, padding=${padding}`,
      `)[0, 0]${state.rectified ? ".relu()" : ""}`,
      `print(f"at the probe {response[${at}]:z.4f}")`,
      padding ? 'print(f"all responses from {response.min():z.4f} to {response.max():z.4f}")' : "",
      "def wave(angle, phase):",
      `    grating = convtools.sine_grating(kernel.shape, ${wavelength}, angle, phase=phase)`,
      "    return (grating * kernel).sum().item()",
      "tuning = np.array([np.hypot(wave(a, 0), wave(a, np.pi / 2)) for a in range(180)])",
      'print(f"amplitudes from {tuning.min():.4f} to {tuning.max():.4f}")',
      ...model.peaks.map(
        () => `print(f"largest at {np.argmax(tuning >= ${SAME} * tuning.max())} degrees")`,
      ),
    ].join("\n");
  };

  // An image, its name and its scale; and a frame, in parts of its width.
  const panel = (name, signed, attributes) => {
    const picture = XP.picture(name, { signed });
    const pad = h("div", { class: "filter-pad", ...attributes }, picture.element);
    const low = h("span", { class: "filter-low" });
    const high = h("span");
    const scale = h("div", { class: `filter-scale ${signed ? "filter-signed" : ""}` }, low, high);
    const draw = (values, what = name, isRectified = false) => {
      const { width, data } = values;
      const reached = extremes(data);
      const limit = signed ? Math.max(...reached.map(Math.abs)) : 0.5;
      picture.draw(values, limit);
      const label = `${what}, ${width} × ${width}, ${fromTo(reached)}`;
      picture.element.setAttribute("aria-label", label);
      scale.classList.toggle("filter-rectified", isRectified);
      low.textContent = format.number(isRectified ? 0 : -limit, 2);
      high.textContent = format.number(limit, 2);
    };
    const frame = box("filter-frame");
    const mark = (x, y, width) => {
      pad.append(frame);
      frame.style.cssText = `left: ${100 * x}%; top: ${100 * y}%; width: ${100 * width}%`;
    };
    return { element: titled(name, pad, scale), draw, mark };
  };

  const plot = (x, y) => {
    const title = h("p", { class: "xp-title" });
    const chart = XP.chart(x, y);
    const said = words();
    const table = XP.table(`${y}, in numbers`, [x, y]);
    const draw = (name, text, { points, ...given }) => {
      title.textContent = name;
      said.textContent = text;
      chart.draw({ ...given, lines: [{ kind: "solid", points }], label: `${name}. ${text}` });
      table.draw(() => points.map(([at, value]) => [at, inColumn(value)]));
    };
    return { element: box("", title, chart.element, said, table.element), draw };
  };

  const makeUpload = ({ set, say }) => {
    const read = async () => {
      try {
        const picture = await createImageBitmap(file.files[0]);
        if (isReadable()) {
          images.own = toGrey(picture);
          set({ image: "own" });
        } else
          say(
            "The browser does not let pages read images. If it asks, allow it, and choose again.",
          );
      } catch {
        say("The browser cannot read this file as an image. Nothing has changed.");
      }
      file.value = ""; // so that the same file can be chosen again
    };
    const file = h("input", { type: "file", accept: "image/*", change: read });
    return h("label", { class: "xp-control" }, "Your file (it stays on your device)", file);
  };

  // An image on which the probe can be moved.
  const probePanel = (name, signed, { get, set }) => {
    const click = ({ target, offsetX, offsetY }) => {
      const pixel = target.clientWidth / SIDE;
      set({ row: offsetY / pixel - 0.5, column: offsetX / pixel - 0.5 });
    };
    const label = `${name}: the arrow keys move the probe`;
    const attributes = { tabindex: 0, role: "application", "aria-label": label, click };
    const made = panel(name, signed, attributes);
    const move = (down, across, { shiftKey }) => {
      const { row, column, stride } = get();
      const step = stride * Math.ceil((shiftKey ? 8 : 1) / stride);
      set({ row: row + down * step, column: column + across * step });
    };
    keys(made.element, arrows(move));
    return made;
  };

  const makePictures = (view) => {
    const image = probePanel("Image", false, view);
    const response = probePanel("Response", true, view);
    const [patch, kernel, last] = [panel("Patch"), panel("Kernel", true), panel("Products", true)];
    const sum = h("p", { class: "filter-sum" });
    const draw = (state, model) => {
      const { width } = model.response;
      const middle = (side, stride) =>
        [model.column, model.row].map((at) => (at / stride + 0.5) / side);
      image.draw(model.image, `Image: ${MAIN.image.options[state.image]}`);
      image.mark(...middle(SIDE, 1), model.kernel.width / SIDE);
      response.draw(model.response, "Response", state.rectified);
      response.mark(...middle(width, state.stride), 0.08);
      patch.draw(model.patch);
      kernel.draw(model.kernel);
      last.draw(model.product);
      sum.textContent = model.problem ?? probeWords(model);
      sum.classList.toggle("xp-problem", !!model.problem);
    };
    const products = [patch.element, "×", kernel.element, "=", last.element];
    const elements = [
      box("filter-pictures", image.element, response.element),
      box("filter-probe", ...products),
      sum,
    ];
    return { elements, draw };
  };

  // The reader's own weights.
  const makeWeights = ({ get, set, say }) => {
    const edit = (y, x, value) => {
      if (!(Math.abs(value) <= 10)) {
        say("Weights must be from −10 to 10. Nothing has changed.");
        return;
      }
      const { weights: changed } = structuredClone(get());
      changed[y]?.splice(x, 1, value); // there may be fewer by now
      set({ weights: changed });
    };
    const grid = XP.grid("Weights", { edit });
    const presets = Object.entries(PRESETS).map(([name, rows]) =>
      button(name, () => set({ side: "3", weights: rows })),
    );
    const element = titled(
      "Weights from −10 to 10: tap or Enter to edit",
      box("xp-scroll", grid.element),
      box("xp-tools", ...presets),
    );
    const draw = ({ family, side, weights }) => {
      element.hidden = family !== "custom";
      grid.draw(+side, +side, (y, x) => {
        const value = weights[y][x];
        const text = format.number(value);
        return { text, value, label: `row ${y}, column ${x}: ${text}` };
      });
    };
    return { element, draw };
  };

  const makePlots = () => {
    const tuning = plot("Orientation (degrees)", "Response amplitude");
    const profile = plot("Pixels from the centre", "Weight");
    const draw = (state, model) => {
      tuning.draw(`Orientation tuning, wavelength ${state.wavelength} pixels`, tuningWords(model), {
        x: [0, 180],
        xTicks: [0, 45, 90, 135, 180],
        y: [0, 1.1 * model.reached[1] || 1],
        points: [...model.tuning, model.tuning[0]].map((value, angle) => [angle, value]),
        marks: model.peaks,
      });
      const { section } = model;
      const [least, most] = extremes([0, ...section]);
      const end = (section.length - 1) / 2;
      const name =
        state.family === "gabor"
          ? "Across the bars (middle row at orientation 0)"
          : "Middle row of the kernel";
      profile.draw(name, `Weights ${fromTo(extremes(section))}.`, {
        x: [-end, end],
        y: least < most ? [1.1 * least, 1.1 * most] : [0, 1],
        points: section.map((value, i) => [i - end, value]),
      });
    };
    return { element: box("xp-columns", tuning.element, profile.element), draw };
  };

  const makeProducts = () => {
    const heads = ["Row", "Column", "Pixel", "Weight", "Product"];
    const table = XP.table("The products in numbers", heads);
    const draw = ({ patch, kernel, product }) =>
      table.draw(() =>
        Array.from(kernel.data, (weight, i) => {
          const numbers = [patch.data[i], weight, product.data[i]].map(inColumn);
          return [Math.floor(i / kernel.width), i % kernel.width, ...numbers];
        }),
      );
    return { element: table.element, draw };
  };

  const HELP =
    "To move the probe, tap the image or the response, or use the arrow keys there (Shift: by 8). " +
    "The keys [ and ] rotate a Gabor filter by 5 degrees.";

  const build = (view) => {
    const { root, place, get, set } = view;
    const levels = atob(place.dataset.numbers);
    images.photograph = square((y, x) => levels.charCodeAt(y * SIDE + x) / 255 - 0.5);

    const pictures = makePictures(view);
    const [main, more] = [controls(MAIN, view), controls(MORE, view)];
    const upload = makeUpload(view);
    main.inputs.image.element.after(upload);
    const weights = makeWeights(view);
    const plots = makePlots();
    const products = makeProducts();
    root.classList.add("filter-lab");
    root.append(
      words(HELP),
      ...pictures.elements,
      main.element,
      weights.element,
      folded("More settings", more.element),
      plots.element,
      products.element,
    );
    const rotate = (by) => {
      const { family, orientation } = get();
      if (family === "gabor") set({ orientation: (orientation + by + 180) % 180 });
    };
    keys(place, { "[": () => rotate(-5), "]": () => rotate(5) }, "[type='text']");

    return (state, model) => {
      const isHidden = (key) => FIELDS[key].only?.includes(state.family) === false;
      main.draw(isHidden);
      more.draw(isHidden);
      upload.hidden = state.image !== "own";
      pictures.draw(state, model);
      weights.draw(state);
      plots.draw(state, model);
      products.draw(model);
    };
  };

  XP.explorable("filter-lab", { clean, compute, build, summary, torch });
})();
