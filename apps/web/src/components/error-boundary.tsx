import { Component, type ReactNode } from 'react';
import { BrokenNote } from './broken-note.js';

interface ErrorBoundaryProps {
  /** What the content is made of: when one of these changes, showing it is tried again. */
  readonly of?: readonly unknown[];
  readonly children: ReactNode;
}

/** Keeps a part that cannot be drawn from taking the rest of the page with it. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { readonly hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override componentDidUpdate({ of: before = [] }: ErrorBoundaryProps) {
    const { of = [] } = this.props;
    if (this.state.hasFailed && of.some((each, index) => each !== before[index])) this.setState({ hasFailed: false });
  }

  override render() {
    return this.state.hasFailed ? <BrokenNote /> : this.props.children;
  }
}
