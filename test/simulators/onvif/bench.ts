import { Effect, Exit, Scope } from "effect"
import { type OnvifDevice, startOnvifDevice } from "../../../simulators/onvif/device.ts"
import type { Faults } from "../../../simulators/onvif/faults.ts"
import type { OnvifDeviceOptions } from "../../../simulators/onvif/options.ts"

/** Devices for one test; all of them go with `clear`. */
export class Bench {
  #scope = Scope.makeUnsafe()

  run<A, E>(effect: Effect.Effect<A, E, Scope.Scope>): Promise<A> {
    return Effect.runPromise(effect.pipe(Scope.provide(this.#scope)))
  }

  start(options: OnvifDeviceOptions, faults?: Partial<Faults>): Promise<OnvifDevice> {
    return this.run(startOnvifDevice(options, faults))
  }

  camera(options: Partial<OnvifDeviceOptions> = {}, faults?: Partial<Faults>): Promise<OnvifDevice> {
    return this.start({ kind: "camera", ...options }, faults)
  }

  async clear(): Promise<void> {
    const scope = this.#scope
    this.#scope = Scope.makeUnsafe()
    await Effect.runPromise(Scope.close(scope, Exit.void))
  }
}
