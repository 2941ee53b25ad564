// Runs in the page, before its own scripts: keeps what each peer connection hears, as samples, and the microphone plain.
// With `window.relayOnly` no way but a TURN server's is taken.
;(() => {
  const RATE = 48_000
  const heard = []
  const connections = []

  class Overheard extends RTCPeerConnection {
    constructor(config, ...rest) {
      super({ ...config, ...(window.relayOnly ? { iceTransportPolicy: 'relay' } : {}) }, ...rest)
      connections.push(this)
      this.addEventListener('track', ({ track }) => {
        if (track.kind === 'audio') void listen(track)
      })
    }
  }
  window.RTCPeerConnection = Overheard

  async function listen(track) {
    const recording = { pieces: [], samples: 0 }
    heard.push(recording)
    const reader = new MediaStreamTrackProcessor({ track: track.clone(), maxBufferSize: 1000 }).readable.getReader()
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return
      keep(recording, value)
      value.close()
    }
  }

  function keep(recording, sound) {
    if (sound.sampleRate !== RATE) recording.rate = sound.sampleRate
    const piece = new Int16Array(sound.numberOfFrames)
    const plane = new Float32Array(sound.numberOfFrames)
    sound.copyTo(plane, { planeIndex: 0, format: 'f32-planar' })
    for (let i = 0; i < plane.length; i++) piece[i] = Math.round(32767 * plane[i])
    recording.pieces.push(piece)
    recording.samples += piece.length
  }

  // What suppresses noise suppresses a steady tone.
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
  navigator.mediaDevices.getUserMedia = ({ audio, ...rest }) => {
    const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false }
    return open({ ...rest, audio: audio ? { ...(audio === true ? {} : audio), ...plain } : audio })
  }

  window.ear = {
    connections,
    /** How many seconds the last call has been heard. */
    seconds: () => (heard.at(-1)?.samples ?? 0) / RATE,
    /** What the last call has sounded like since `from` s: samples of 16 bit, as base64. */
    async recording(from = 0) {
      const { pieces = [], rate = RATE } = heard.at(-1) ?? {}
      const bytes = await new Blob(pieces).arrayBuffer()
      const cut = new Uint8Array(bytes).subarray(Math.round(from * rate) * 2)
      let text = ''
      for (let at = 0; at < cut.length; at += 8192) text += String.fromCharCode(...cut.subarray(at, at + 8192))
      return { rate, base64: btoa(text) }
    },
  }
})()
