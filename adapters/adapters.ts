import type { Adapter } from "./adapter.ts"
import { mqtt } from "./mqtt/mqtt.ts"
import { mqttProfileForm } from "./mqtt/profiles.ts"
import { onvif } from "./onvif/onvif.ts"
import { onvifProfileForm } from "./onvif/mapping/profiles.ts"
import { opcua } from "./opcua/adapter.ts"
import { opcuaProfileForm } from "./opcua/mapping/profiles.ts"
import type { Profile } from "./profile/compile.ts"
import type { ProfileForm } from "./profile/files.ts"

/** The catalogue: a new adapter is its own folder and one line here. */
export const adapters: Readonly<Record<string, Adapter<unknown>>> = {
  mqtt: mqtt as unknown as Adapter<unknown>,
  onvif: onvif as unknown as Adapter<unknown>,
  opcua: opcua as unknown as Adapter<unknown>
}

/** How profiles are written for each protocol that has them. */
export const profileForms: ReadonlyArray<ProfileForm<Profile>> = [mqttProfileForm, onvifProfileForm, opcuaProfileForm]
