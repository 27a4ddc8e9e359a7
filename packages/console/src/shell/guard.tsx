import { Component, type ReactNode } from "react";
import { Trouble } from "../parts/trouble.tsx";

/** A page that falls takes nothing else with it. */
export class Guard extends Component<{ readonly children: ReactNode }, { readonly thrown: unknown }> {
  override state: { readonly thrown: unknown } = { thrown: undefined };

  static getDerivedStateFromError(thrown: unknown) {
    return { thrown };
  }

  override render(): ReactNode {
    if (this.state.thrown === undefined) return this.props.children;
    return <Trouble of={this.state.thrown} again={() => this.setState({ thrown: undefined })} />;
  }
}
