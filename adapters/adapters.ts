import type { Adapter } from "./adapter.ts"
import { mqtt } from "./mqtt/mqtt.ts"
import { mqttProfileForm } from "./mqtt/profiles.ts"

/** The catalogue: a new adapter is its own folder and one line here. */
export const adapters: Readonly<Record<string, Adapter<unknown>>> = {
  mqtt: mqtt as unknown as Adapter<unknown>
}

/** How profiles are written for each protocol that has them. */
export const profileForms = [mqttProfileForm]
