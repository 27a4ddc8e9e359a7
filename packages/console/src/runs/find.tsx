export default function Find() {
  return <h1>Find</h1>;
}
