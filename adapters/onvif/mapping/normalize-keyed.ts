import type { Items } from "../messages/notification.ts"

/** So many keys of one point are told apart: no scene has as many objects. */
const keysMax = 256

/** So many points are looked at: no device has as many. */
const pointsMax = 1024

const keyText = (key: Items): string => JSON.stringify(Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1)))

/**
 * A property may have keys: `FieldDetector/ObjectsInside` tells of each object by itself (ONVIF Core Specification,
 * 9.5.1: topic, source and key identify a property). The field is occupied while one of its objects is inside.
 */
export class KeyedStates {
  readonly #on = new Map<string, Set<string>>()

  /** Whether the point is on when this key is on, off, or no more (`undefined`). */
  isOn(point: string, key: Items, on: boolean | undefined): boolean {
    const keys = this.#on.get(point) ?? new Set<string>()
    const text = keyText(key)
    if (on === true && keys.size < keysMax) keys.add(text)
    if (on !== true) keys.delete(text)
    if (keys.size === 0) this.#on.delete(point)
    else if (this.#on.has(point) || this.#on.size < pointsMax) this.#on.set(point, keys)
    return keys.size > 0
  }

  /** A new subscription tells every living property anew. */
  forget(): void {
    this.#on.clear()
  }
}
