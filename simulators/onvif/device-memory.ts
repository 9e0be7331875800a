import { type CredentialState, usualCredentialState } from "./credential-service.ts"
import type { Happening } from "./happening.ts"

/** What can be given another name. */
export type Named = "Door" | "AccessPoint" | "Area"

/** What a device keeps through a loss of power: its configuration, and what became of credentials. */
export class DeviceMemory {
  readonly #credentials = new Map<string, CredentialState>()
  readonly #names = new Map<string, string>()
  #boots = 0

  /** How often the device was switched on. */
  get boots(): number {
    return this.#boots
  }

  boot(): void {
    this.#boots++
  }

  credentialState(token: string): CredentialState {
    return this.#credentials.get(token) ?? usualCredentialState
  }

  /** A happening that is about a credential changes what it is. */
  take(happening: Happening): void {
    if (happening._tag !== "CredentialEnabled" && happening._tag !== "AntiPassbackViolated") return
    const state = this.credentialState(happening.token)
    this.#credentials.set(
      happening.token,
      happening._tag === "CredentialEnabled"
        ? { ...state, enabled: happening.on, reason: happening.reason }
        : { ...state, antiPassbackViolated: happening.on }
    )
  }

  rename(of: Named, token: string, name: string): void {
    this.#names.set(`${of}/${token}`, name)
  }

  /** The name as it is now. */
  nameOf(of: Named, { token, name }: { readonly token: string; readonly name: string }): string {
    return this.#names.get(`${of}/${token}`) ?? name
  }
}
