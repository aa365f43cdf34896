namespace Graph.Execution;

/// <summary>
/// One parallel launch: <see cref="Run"/> is called once for each unit 0 .. units-1, by any thread, in any order.
/// Units write disjoint outputs, so results do not depend on the number of threads (architecture.md 3.7).
/// Implemented by emitted structs; a launch allocates nothing.
/// </summary>
public interface ILaunch
{
    void Run(in Worker worker, long unit);
}
