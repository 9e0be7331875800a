/** Three short tones, as a critical alert has: frequencies in hertz, and the length of each in seconds. */
const tones = [880, 660, 880] as const
const toneSeconds = 0.28

/** Plays the test alarm; rejects when the browser plays nothing. */
export const playTestTone = async (): Promise<void> => {
  const audio = new AudioContext()
  await audio.resume()
  if (audio.state !== "running") throw new Error("The browser plays no sound here; allow it for this page.")
  const loudness = audio.createGain()
  loudness.gain.value = 0.4
  loudness.connect(audio.destination)
  tones.forEach((hertz, nth) => {
    const tone = audio.createOscillator()
    tone.type = "square"
    tone.frequency.value = hertz
    tone.connect(loudness)
    tone.start(audio.currentTime + nth * toneSeconds * 1.2)
    tone.stop(audio.currentTime + nth * toneSeconds * 1.2 + toneSeconds)
  })
  setTimeout(() => void audio.close(), tones.length * toneSeconds * 1200 + 500)
}
