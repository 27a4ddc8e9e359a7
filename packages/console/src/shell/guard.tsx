import { Component, type ReactNode } from "react";
import { Missing } from "../parts/later.ts";
import { Trouble } from "../parts/trouble.tsx";

/** A page that falls takes nothing else with it. */
export class Guard extends Component<{ readonly children: ReactNode }, { readonly thrown: unknown }> {
  override state: { readonly thrown: unknown } = { thrown: undefined };

  static getDerivedStateFromError(thrown: unknown) {
    return { thrown };
  }

  /** Whoever comes back to the page later asks anew, too. */
  override componentWillUnmount(): void {
    this.#renew();
  }

  override render(): ReactNode {
    const { thrown } = this.state;
    if (thrown === undefined) return this.props.children;
    const again = (): void => {
      this.#renew();
      this.setState({ thrown: undefined });
    };
    return <Trouble of={thrown} again={again} />;
  }

  #renew(): void {
    if (this.state.thrown instanceof Missing) this.state.thrown.renew();
  }
}
