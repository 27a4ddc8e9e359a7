export default function Unknowns() {
  return <h1>Unknowns</h1>;
}
