import type { Device } from "./device.ts"
import { pressOf } from "./press.ts"

/** Device after device, from the first again after the last. */
export const inTurn = (devices: ReadonlyArray<Device>) => {
  let next = 0
  return (): Device => {
    const device = devices[next++ % devices.length]
    if (device === undefined) throw new Error("there is no device")
    return device
  }
}

/** All devices together press so often a second, evenly, for so long. Completes when the last press is on its way. */
export const pressSteadily = (devices: ReadonlyArray<Device>, rate: number, seconds: number): Promise<void> => {
  const total = rate * seconds
  const device = inTurn(devices)
  const startedAt = performance.now()
  let sent = 0
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1000) * rate))
      for (; sent < due; sent++) device().publish(pressOf(sent))
      if (sent === total) resolve(clearInterval(timer))
    }, 5)
  })
}

/** What comes of devices that press as fast as they are let. */
export interface Flow {
  /** Completes once so many of their presses are acknowledged. */
  readonly reached: (answered: number) => Promise<void>
}

/**
 * Every device presses as fast as it is let: `window` presses of each are under way at a time, or fewer when its network
 * takes no more. Without `presses` they never stop.
 */
export const pressAtFullSpeed = (
  devices: ReadonlyArray<Device>,
  { window, presses = Number.POSITIVE_INFINITY }: { readonly window: number; readonly presses?: number }
): Flow => {
  let answered = 0
  let published = 0
  let awaited = Number.NaN
  let told = (): void => {}
  const fill = (device: Device): void => {
    while (published < presses && device.unanswered < window && !device.isFull) device.publish(pressOf(published++))
  }
  for (const device of devices) {
    device.onAnswer(() => {
      answered++
      if (answered === awaited) told()
      fill(device)
    })
    device.onRoom(() => fill(device))
  }
  for (const device of devices) fill(device)
  return {
    reached: (count) =>
      new Promise((resolve) => {
        awaited = count
        told = resolve
        if (answered >= count) resolve()
      })
  }
}
