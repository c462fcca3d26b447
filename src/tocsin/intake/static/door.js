// Looks for a small proof of work while somebody writes, so that a flood does not stand before them. Nothing needs it.
(function () {
  "use strict";
  var field = document.querySelector("input[name=proof]");
  if (!field || !window.Uint32Array || !Math.cbrt) return;
  var ask = field.getAttribute("data-ask"), bits = +ask.split(".")[1], number = 0;
  var K = [], start = [], w = new Uint32Array(64), n = 0, p = 2, q;
  function part(x) { return (x - Math.floor(x)) * 4294967296 | 0; }
  for (; n < 64; p++) {
    for (q = 2; q * q <= p && p % q; q++);
    if (q * q > p) { if (n < 8) start[n] = part(Math.sqrt(p)); K[n++] = part(Math.cbrt(p)); }
  }
  function turn(x, by) { return x >>> by | x << 32 - by; }
  function zeros(text) {
    var h = start.slice(), blocks = (text.length + 8 >> 6) + 1, b, i, s, t, u, a;
    for (b = 0; b < blocks; b++) {
      for (i = 0; i < 16; i++) {
        for (w[i] = 0, s = 0; s < 4; s++) {
          t = b * 64 + i * 4 + s;
          w[i] |= (t < text.length ? text.charCodeAt(t) : t === text.length ? 128 : 0) << 24 - 8 * s;
        }
      }
      if (b === blocks - 1) w[15] = text.length * 8;
      for (; i < 64; i++) {
        s = w[i - 15]; t = w[i - 2];
        w[i] = w[i - 16] + (turn(s, 7) ^ turn(s, 18) ^ s >>> 3) + w[i - 7] + (turn(t, 17) ^ turn(t, 19) ^ t >>> 10);
      }
      for (a = h.slice(), i = 0; i < 64; i++) {
        t = a[7] + (turn(a[4], 6) ^ turn(a[4], 11) ^ turn(a[4], 25)) + (a[4] & a[5] ^ ~a[4] & a[6]) + K[i] + w[i] | 0;
        u = (turn(a[0], 2) ^ turn(a[0], 13) ^ turn(a[0], 22)) + (a[0] & a[1] ^ a[0] & a[2] ^ a[1] & a[2]) | 0;
        a = [t + u | 0, a[0], a[1], a[2], a[3] + t | 0, a[4], a[5], a[6]];
      }
      for (i = 0; i < 8; i++) h[i] = h[i] + a[i] | 0;
    }
    return h[0] >>> 32 - bits === 0;
  }
  function look() {
    for (var until = Date.now() + 25; Date.now() < until; number++) {
      if (zeros(ask + "." + number)) { field.value = ask + "." + number; return; }
    }
    setTimeout(look, 5);
  }
  look();
}());
