// Draws the live waves. What comes over the socket is told in feed.py; nothing here knows of muscles.

const REDRAW_MS = 33; // 30 pictures a second: smooth, and half the work of 60
const LATENCY_MS = 450; // what is drawn at the right edge is this old, so that data are there when time is
const SETTLE_MS = 150; // a width has to hold this long before columns are asked for: turning a screen takes steps
const RETRY_MS = 1000; // until the next try after the connection was lost
const HUNG_MS = 4000; // frames come 12 times a second: without one for so long, the service or the line hangs
const LATE_MS = 750; // data that are late by less than this may still come: not drawn as missing
const SILENT_MS = 3000; // without data for this long, a row says so in words
const BASELINE_S = 0.15; // what moves slower than this is drift or gravity: not drawn
const SMALLEST = { "µV": 40, mg: 15, counts: 20 }; // half a row's height at least; rest shall look like rest
const SAME_MS = 50; // a twitch as near as this to what was glimpsed is what was glimpsed
const FAINT = 0.35; // of a mark's strength, while nobody knows what it is
const UNSURE_MS = 1000; // after its end: by then a twitch is in the journal, and has been read from it
const FADE_MS = 500; // in which a mark goes that was none
const MARK_PX = 3; // a mark is at least this wide

class Trace {
  constructor(columns) {
    this.size = columns * 2; // a screen, and as much again for what is still to be scrolled in
    this.number = new Float64Array(this.size).fill(-1);
    this.low = new Float32Array(this.size);
    this.high = new Float32Array(this.size);
    this.newest = -1;
  }

  put(number, low, high) {
    const slot = number % this.size;
    this.number[slot] = number;
    this.low[slot] = low;
    this.high[slot] = high;
    if (number > this.newest && low === low) this.newest = number;
  }

  has(number) {
    const slot = number % this.size;
    return this.number[slot] === number && this.low[slot] === this.low[slot]; // NaN is not itself
  }
}

function niceScale(reach) {
  const power = 10 ** Math.floor(Math.log10(reach));
  return [1, 2, 4, 5, 10].find((step) => step * power >= reach) * power;
}

export default {
  template: `
    <div class="waves" :class="{ lost }">
      <div class="waves-head">
        <p class="faint" v-if="lanes.length">Last 10 seconds. <i class="mark-swatch"></i> a twitch was found
          <i class="mark-swatch unsure"></i> being looked at</p>
        <button type="button" class="quiet" v-if="lanes.length" @click="toggle">
          {{ paused ? "Resume" : "Pause" }}
        </button>
      </div>
      <p class="empty" v-if="!lanes.length">
        {{ lost ? "The connection to fasciwatch is lost; trying again." : "No sensor has sent anything yet." }}
      </p>
      <figure v-for="(lane, index) in lanes" :key="index" class="lane">
        <figcaption><b>{{ lane.name }}</b><span class="faint">{{ lane.modality }}</span></figcaption>
        <canvas :ref="(el) => (canvases[index] = el)" role="img"
          :aria-label="[lane.name, lane.modality, lane.silent || 'live signal'].join(', ')"></canvas>
        <span class="scale faint">±{{ figure(lane.scale, lane.unit) }}</span>
        <span class="silent" v-if="lane.silent" role="status">{{ lane.silent }}</span>
      </figure>
    </div>`,

  data() {
    return { lanes: [], paused: false, lost: false };
  },

  created() {
    this.canvases = [];
    this.traces = [];
    this.marks = [];
    this.offset_ms = null; // the service's clock minus this page's
  },

  mounted() {
    this.columns = 0; // none is asked for before the page has a width
    this.resized = new ResizeObserver(() => {
      clearTimeout(this.settling);
      this.settling = setTimeout(() => this.refit(), SETTLE_MS);
    });
    this.resized.observe(this.$el);
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.scheme.addEventListener("change", this.readColours);
    document.addEventListener("visibilitychange", this.rest);
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.drawn_ms = 0;
    const loop = (now_ms) => {
      this.loop = requestAnimationFrame(loop);
      if (now_ms - this.drawn_ms < (this.calm.matches ? 1000 : REDRAW_MS)) return;
      this.drawn_ms = now_ms;
      if (performance.now() - this.heard_ms > HUNG_MS) this.restart();
      if (!this.paused) this.draw(now_ms);
    };
    this.loop = requestAnimationFrame(loop);
  },

  beforeUnmount() {
    cancelAnimationFrame(this.loop);
    clearTimeout(this.settling);
    this.resized.disconnect();
    this.scheme.removeEventListener("change", this.readColours);
    document.removeEventListener("visibilitychange", this.rest);
    this.disconnect();
  },

  methods: {
    refit() {
      const width = this.$el.clientWidth;
      if (Math.abs(width - this.columns) < Math.max(1, this.columns * 0.1)) return;
      this.columns = width;
      this.disconnect();
      this.connect();
    },

    rest() {
      // a page that nobody looks at costs a phone's battery nothing
      if (document.hidden) this.disconnect();
      else if (this.columns) this.connect();
    },

    disconnect() {
      clearTimeout(this.retry);
      if (this.socket) this.socket.onclose = this.socket.onmessage = null;
      this.socket?.close();
    },

    restart() {
      this.setLost(true);
      this.disconnect();
      this.connect();
    },

    connect() {
      this.heard_ms = performance.now();
      const scheme = location.protocol === "https:" ? "wss:" : "ws:";
      this.socket = new WebSocket(`${scheme}//${location.host}/waves?columns=${this.columns}`);
      this.socket.binaryType = "arraybuffer";
      this.socket.onmessage = ({ data }) => {
        this.heard_ms = performance.now();
        this.setLost(false);
        if (typeof data === "string") this.told(JSON.parse(data));
        else this.fed(new DataView(data));
      };
      this.socket.onclose = () => {
        this.setLost(true);
        this.retry = setTimeout(() => this.connect(), RETRY_MS);
      };
    },

    setLost(lost) {
      if (lost === this.lost) return;
      this.lost = lost;
      document.body.classList.toggle("lost", lost);
      document.querySelector(".notes")?.toggleAttribute("inert", lost); // a press would go nowhere
    },

    told(message) {
      if (message.lanes) {
        this.width_ms = message.width_ms;
        this.screen = message.columns;
        this.marks = message.lanes.map(() => []);
        this.traces = [];
        for (const lane of message.lanes)
          for (const trace of lane.traces) this.traces[trace] = new Trace(message.columns);
        this.lanes = message.lanes.map((lane) => ({ ...lane, scale: 0, silent: "" }));
        this.reach = message.lanes.map(() => 0);
        this.$nextTick(this.readColours);
      }
      for (const [lane, onset_ms, duration_ms] of message.glimpses ?? [])
        this.marks[lane].push({ onset_ms, end_ms: onset_ms + duration_ms, sure: false });
      for (const [lane, onset_ms, duration_ms] of message.twitches ?? []) {
        const near = (mark) => !mark.sure && Math.abs(mark.onset_ms - onset_ms) < SAME_MS;
        this.marks[lane] = this.marks[lane].filter((mark) => !near(mark));
        this.marks[lane].push({ onset_ms, end_ms: onset_ms + duration_ms, sure: true });
      }
    },

    fed(view) {
      const offset_ms = view.getFloat64(0, true) - performance.now();
      // the least delayed frame knows best; a slow pull down follows a clock that was set back
      this.offset_ms = this.offset_ms === null || offset_ms > this.offset_ms
        ? offset_ms : this.offset_ms + (offset_ms - this.offset_ms) * 0.02;
      for (let at = 8; at < view.byteLength; ) {
        const trace = this.traces[view.getUint32(at, true)];
        const count = view.getUint32(at + 4, true);
        const first = view.getFloat64(at + 8, true);
        const values = new Float32Array(view.buffer, at + 16, count * 3);
        for (let i = 0; i < values.length; i += 3) trace.put(first + values[i], values[i + 1], values[i + 2]);
        at += 16 + count * 12;
      }
    },

    toggle() {
      this.paused = !this.paused;
    },

    figure(scale, unit) {
      const larger = { "µV": "mV", mg: "g" }[unit];
      return larger && scale >= 1000 ? `${scale / 1000} ${larger}` : `${scale} ${unit}`;
    },

    readColours() {
      const style = getComputedStyle(this.$el);
      const of = (name) => style.getPropertyValue(name).trim();
      this.colours = {
        wave: of("--wave"), twitch: of("--twitch"), glow: of("--twitch-glow"), line: of("--line"),
      };
      const tile = new OffscreenCanvas(8, 8);
      const pen = tile.getContext("2d");
      pen.strokeStyle = this.colours.line;
      pen.lineWidth = 1.5;
      pen.beginPath();
      for (const x of [-8, 0, 8]) {
        pen.moveTo(x, 8);
        pen.lineTo(x + 8, 0);
      }
      pen.stroke();
      this.hatch = tile;
    },

    draw(now_ms) {
      if (this.offset_ms === null || !this.colours) return;
      const right_ms = now_ms + this.offset_ms - LATENCY_MS;
      this.lanes.forEach((lane, index) => {
        const canvas = this.canvases[index];
        if (canvas) this.drawLane(canvas, lane, index, right_ms);
      });
    },

    drawLane(canvas, lane, index, right_ms) {
      const ratio = devicePixelRatio || 1;
      const width = canvas.clientWidth, height = canvas.clientHeight;
      if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
      if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
      const pen = canvas.getContext("2d");
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      pen.clearRect(0, 0, width, height);

      const right = right_ms / this.width_ms; // in columns, as is everything horizontal below
      const view = { pen, width, height, left: right - this.screen, right, step: width / this.screen };
      const last = Math.floor(right), first = Math.ceil(view.left);
      const shapes = lane.traces.map((trace) => this.baselined(this.traces[trace], first, last));
      const newest = Math.max(...lane.traces.map((trace) => this.traces[trace].newest));
      this.drawMissing(view, this.traces[lane.traces[0]], lane.period_ms, first, last);
      this.drawMarks(view, index, right_ms);
      const half = this.rescale(lane, index, shapes);
      for (const shape of shapes) this.drawWave(view, shape, half, lane.period_ms);
      this.drawFlags(view, index, right_ms);
      this.say(lane, newest < 0 ? lane.end_ms : newest * this.width_ms, right_ms);
    },

    // the columns on the screen, less what moves slowly: [number, low, high, ...]
    baselined(trace, first, last) {
      const numbers = [];
      for (let number = first; number <= last; number++) if (trace.has(number)) numbers.push(number);
      const low = numbers.map((number) => trace.low[number % trace.size]);
      const high = numbers.map((number) => trace.high[number % trace.size]);
      const base = this.slow(low.map((value, i) => (value + high[i]) / 2));
      return numbers.flatMap((number, i) => [number, low[i] - base[i], high[i] - base[i]]);
    },

    // a slow average that lags neither way: once forth, and what comes out of it once back
    slow(values) {
      const rate = 1 - Math.exp(-this.width_ms / 1000 / BASELINE_S);
      const once = (from) => {
        let base = from.slice(0, 20).sort((a, b) => a - b)[Math.min(20, from.length) >> 1];
        return from.map((value) => (base += rate * (value - base)));
      };
      return once(once(values).reverse()).reverse();
    },

    rescale(lane, index, shapes) {
      let reach = SMALLEST[lane.unit] ?? 1;
      for (const shape of shapes)
        for (let i = 0; i < shape.length; i += 3) reach = Math.max(reach, -shape[i + 1], shape[i + 2]);
      const scale = niceScale(reach * 1.05);
      if (scale !== lane.scale) lane.scale = scale;
      this.reach[index] = this.reach[index] ? this.reach[index] + (scale - this.reach[index]) * 0.2 : scale;
      return this.reach[index];
    },

    drawWave({ pen, height, left, step }, shape, half, period_ms) {
      const y = (value) => height / 2 - (value / half) * (height / 2 - 3);
      const bridge = Math.ceil(period_ms / this.width_ms) + 1; // columns without a sample between two that touch
      pen.strokeStyle = this.colours.wave;
      pen.lineWidth = 1.1;
      pen.lineJoin = "round";
      pen.beginPath();
      for (let i = 0; i < shape.length; i += 3) {
        const x = (shape[i] - left) * step;
        if (i === 0 || shape[i] - shape[i - 3] > bridge) pen.moveTo(x, y(shape[i + 1]));
        else pen.lineTo(x, y(shape[i + 1]));
        pen.lineTo(x, y(shape[i + 2]));
      }
      pen.stroke();
    },

    drawMissing({ pen, height, left, right, step }, trace, period_ms, first, last) {
      const bridge = Math.max(Math.ceil(period_ms / this.width_ms) + 1, 3);
      const fill = (from, to) => pen.fillRect((from - left) * step, 0, (to - from) * step, height);
      pen.fillStyle = pen.createPattern(this.hatch, "repeat");
      let since = left;
      for (let number = first; number <= last; number++) {
        if (!trace.has(number)) continue;
        if (number - since > bridge) fill(since, number);
        since = number + 1;
      }
      if ((right - since) * this.width_ms > LATE_MS) fill(since, right);
    },

    strength(mark, right_ms) {
      if (mark.sure) return 1;
      const since_ms = right_ms + LATENCY_MS - mark.end_ms;
      return FAINT * Math.min(1, Math.max(0, 1 - (since_ms - UNSURE_MS) / FADE_MS));
    },

    drawMarks({ pen, height, left, step }, index, right_ms) {
      const oldest_ms = right_ms - (this.screen + 2) * this.width_ms;
      this.marks[index] = this.marks[index].filter((mark) => mark.end_ms > oldest_ms);
      pen.fillStyle = this.colours.glow;
      for (const mark of this.marks[index]) {
        const from = (mark.onset_ms / this.width_ms - left) * step;
        const to = (mark.end_ms / this.width_ms - left) * step;
        const wide = Math.max(to - from, MARK_PX) + 6;
        pen.globalAlpha = this.strength(mark, right_ms);
        pen.beginPath();
        pen.roundRect((from + to) / 2 - wide / 2, 8, wide, height - 8, 3);
        pen.fill();
      }
      pen.globalAlpha = 1;
    },

    drawFlags({ pen, left, step }, index, right_ms) {
      pen.fillStyle = this.colours.twitch;
      for (const mark of this.marks[index]) {
        const x = ((mark.onset_ms + mark.end_ms) / 2 / this.width_ms - left) * step;
        pen.globalAlpha = this.strength(mark, right_ms);
        pen.beginPath();
        pen.moveTo(x - 5, 0);
        pen.lineTo(x + 5, 0);
        pen.lineTo(x, 8);
        pen.fill();
      }
      pen.globalAlpha = 1;
    },

    say(lane, newest_ms, right_ms) {
      const silent = right_ms - newest_ms > SILENT_MS
        ? `No data since ${new Date(newest_ms).toLocaleTimeString([], { hour12: false })}` : "";
      if (silent !== lane.silent) lane.silent = silent;
    },
  },
};
