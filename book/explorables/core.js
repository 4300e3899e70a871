// The arithmetic of the interactive figures: what convtools computes, under the camelCase of its names,
// without drawing. tests/explorable_cases.json holds the two together.
//
// Plain scripts, not modules: a page opened from a file may not load modules. Each script adds to XP.
//
// An image is { height, width, data }, row after row. Images of several channels are a list of them,
// and weights[o][c] is the kernel from input channel c to output channel o. A pair is [vertical,
// horizontal]. Angles are in degrees: 0 gives vertical bars, which rotate clockwise; phases in radians.
window.XP = {};
XP.core = (() => {
  const TURN = 2 * Math.PI;
  const ONE_OCTAVE = (3 * Math.sqrt(Math.log(2) / 2)) / Math.PI; // sigma over wavelength
  const RESPONSE_FLOOR = 1e-6; // a mean below this part of the largest response counts as zero

  const image = (height, width, at = () => 0) => {
    const data = new Float64Array(height * width);
    for (let y = 0, i = 0; y < height; y++) for (let x = 0; x < width; x++) data[i++] = at(y, x);
    return { height, width, data };
  };
  const fromRows = (rows) => image(rows.length, rows[0].length, (y, x) => rows[y][x]);
  const toRows = ({ height, width, data }) =>
    Array.from({ length: height }, (_, y) => [...data.slice(y * width, (y + 1) * width)]);
  const flip = ({ height, width, data }) => ({ height, width, data: data.slice().reverse() });

  // The output length along one axis; 0 or less if the kernel does not fit.
  const outputSize = (size, kernel, stride = 1, padding = 0, dilation = 1) =>
    Math.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;

  // Which row (or column) of the image is repeated outside of it, or −1 for zeros.
  const OUTSIDE = {
    zeros: () => -1,
    replicate: (at, size) => (at < 0 ? 0 : size - 1),
    reflect: (at, size) => (at < 0 ? -at : 2 * (size - 1) - at),
    circular: (at, size) => (at + size) % size,
  };
  const sources = (size, padding, mode) =>
    Array.from({ length: size + 2 * padding }, (_, i) => {
      const at = i - padding;
      return at >= 0 && at < size ? at : OUTSIDE[mode](at, size);
    });

  const pad = (x, [vertical, horizontal], mode = "zeros") => {
    const rows = sources(x.height, vertical, mode);
    const columns = sources(x.width, horizontal, mode);
    return image(rows.length, columns.length, (r, c) =>
      rows[r] < 0 || columns[c] < 0 ? 0 : x.data[rows[r] * x.width + columns[c]],
    );
  };

  const USUAL = { stride: [1, 1], padding: [0, 0], dilation: [1, 1], mode: "zeros" };

  // The weights of a kernel, three of a row at a time, since an output is read and written again each
  // time; `at` is where the first meets an image of this width, and the others are toB and toC further.
  const triples = ({ height, width, data }, imageWidth, [down, right]) => {
    const all = [];
    for (let i = 0; i < height; i++)
      for (let j = 0; j < width; j += 3) {
        const [a, b = 0, c = 0] = data.subarray(i * width + j, i * width + Math.min(j + 3, width));
        const toB = j + 1 < width ? right : 0;
        const toC = j + 2 < width ? 2 * right : 0;
        all.push({ a, b, c, toB, toC, at: i * down * imageWidth + j * right });
      }
    return all;
  };
  // Adds what they make of the pixels to a row of the output.
  const addRow = (out, y, weights, pixels, start, across) => {
    const sums = out.data;
    const end = (y + 1) * out.width;
    for (const { a, b, c, toB, toC, at } of weights)
      for (let to = end - out.width, from = start + at; to < end; to++, from += across)
        sums[to] += a * pixels[from] + b * pixels[from + toB] + c * pixels[from + toC];
  };

  const conv2d = (x, weights, bias, given = {}) => {
    const { stride, padding, dilation, mode } = { ...USUAL, ...given };
    const padded = x.map((channel) => pad(channel, padding, mode));
    const { height: rows, width: columns } = weights[0][0];
    const height = outputSize(padded[0].height, rows, stride[0], 0, dilation[0]);
    const width = outputSize(padded[0].width, columns, stride[1], 0, dilation[1]);
    return weights.map((kernels, o) => {
      const out = image(height, width, () => (bias ? bias[o] : 0));
      kernels.forEach((kernel, c) => {
        const { data, width: step } = padded[c];
        const parts = triples(kernel, step, dilation);
        for (let y = 0; y < height; y++)
          addRow(out, y, parts, data, y * stride[0] * step, stride[1]);
      });
      return out;
    });
  };

  // The gradient with respect to the input, given that with respect to the output.
  const conv2dGradient = (gradient, x, weights, given = {}) => {
    const { stride, padding, dilation, mode } = { ...USUAL, ...given };
    const rows = sources(x[0].height, padding[0], mode);
    const columns = sources(x[0].width, padding[1], mode);
    const spread = ({ data, width }, kernel, value, [top, left]) => {
      kernel.data.forEach((weight, k) => {
        const row = rows[top + Math.floor(k / kernel.width) * dilation[0]];
        const column = columns[left + (k % kernel.width) * dilation[1]];
        if (row >= 0 && column >= 0) data[row * width + column] += weight * value;
      });
    };
    return x.map((channel, c) => {
      const result = image(channel.height, channel.width);
      gradient.forEach((out, o) => {
        out.data.forEach((value, at) => {
          const corner = [Math.floor(at / out.width) * stride[0], (at % out.width) * stride[1]];
          if (value) spread(result, weights[o][c], value, corner);
        });
      });
      return result;
    });
  };

  // A unit's receptive field along one axis, from [kernel, stride, padding, dilation] of each layer.
  const receptiveField = (layers) => {
    const field = { size: 1, stride: 1, padding: 0 };
    for (const [kernel, stride, padding, dilation = 1] of layers) {
      field.size += dilation * (kernel - 1) * field.stride;
      field.padding += padding * field.stride;
      field.stride *= stride;
    }
    return field;
  };

  const product = (numbers) => numbers.reduce((all, n) => all * n, 1);
  const convParameters = (channelsIn, channelsOut, kernel, bias = true) =>
    channelsOut * (channelsIn * product(kernel) + (bias ? 1 : 0));
  const denseParameters = (shapeIn, shapeOut, bias = true) =>
    product(shapeOut) * (product(shapeIn) + (bias ? 1 : 0));

  // An image of at(across, along): the distances across and along the bars, in pixels from the centre.
  const centred = (height, width, orientation, at) => {
    const cos = Math.cos((orientation * TURN) / 360);
    const sin = Math.sin((orientation * TURN) / 360);
    return image(height, width, (row, column) => {
      const y = row - (height - 1) / 2;
      const x = column - (width - 1) / 2;
      return at(x * cos + y * sin, y * cos - x * sin);
    });
  };
  const sum = ({ data }) => data.reduce((total, value) => total + value, 0);

  const sineGrating = (height, width, wavelength, orientation, { phase = 0, contrast = 1 } = {}) =>
    centred(
      height,
      width,
      orientation,
      (across) => (contrast / 2) * Math.cos((TURN * across) / wavelength + phase),
    );

  const gaussian = (size, sigma) => {
    const bump = centred(size, size, 0, (x, y) => Math.exp(-(x * x + y * y) / (2 * sigma * sigma)));
    const total = sum(bump);
    return { ...bump, data: bump.data.map((value) => value / total) };
  };

  const differenceOfGaussians = (size, sigmaCenter, sigmaSurround, balance = 1) => {
    const surround = gaussian(size, sigmaSurround).data;
    const center = gaussian(size, sigmaCenter);
    return { ...center, data: center.data.map((value, i) => value - balance * surround[i]) };
  };

  const gabor = (size, wavelength, orientation, options = {}) => {
    const { phase = 0, sigma = ONE_OCTAVE * wavelength, aspect = 1, zeroMean = false } = options;
    const envelope = centred(size, size, orientation, (across, along) =>
      Math.exp(-(across ** 2 + (aspect * along) ** 2) / (2 * sigma ** 2)),
    );
    const carrier = centred(size, size, orientation, (across) =>
      Math.cos((TURN * across) / wavelength + phase),
    );
    const kernel = image(size, size);
    kernel.data.set(carrier.data.map((value, i) => value * envelope.data[i]));
    const mean = zeroMean ? sum(kernel) / sum(envelope) : 0;
    return { ...kernel, data: kernel.data.map((value, i) => value - mean * envelope.data[i]) };
  };

  // Cosine and sine amplitude of the wave that fits `n` times into evenly spaced samples.
  const wave = (samples, n) => {
    let cosine = 0;
    let sine = 0;
    samples.forEach((value, i) => {
      cosine += value * Math.cos((TURN * n * i) / samples.length);
      sine += value * Math.sin((TURN * n * i) / samples.length);
    });
    return [cosine, sine].map((part) => ((n ? 2 : 1) * part) / samples.length);
  };
  // [F0, F1, F2]: the mean, and the amplitudes of the waves with one and two periods in the samples.
  const harmonics = (samples) =>
    [0, 1, 2].map((n) => (n ? Math.hypot(...wave(samples, n)) : wave(samples, 0)[0]));

  const modulationRatio = (samples) => {
    const [f0, f1] = harmonics(samples);
    const largest = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    return f0 > RESPONSE_FLOOR * largest ? f1 / f0 : NaN;
  };

  return {
    conv2d,
    conv2dGradient,
    convParameters,
    denseParameters,
    differenceOfGaussians,
    flip,
    fromRows,
    gabor,
    gaussian,
    harmonics,
    image,
    modulationRatio,
    outputSize,
    pad,
    receptiveField,
    sineGrating,
    sources,
    sum,
    toRows,
  };
})();
