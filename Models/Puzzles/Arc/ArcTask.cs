namespace Graph.Models.Puzzles;

/// <summary>A task: demonstrations and tests.</summary>
/// <param name="Name">Its key in the file.</param>
/// <param name="Train">Demonstration pairs, at least one.</param>
/// <param name="Test">Test pairs, at least one.</param>
/// <param name="TestFirst">True: the file lists the tests before the demonstrations, so TRM's builder takes them first.</param>
public sealed record ArcTask(string Name, IReadOnlyList<ArcPair> Train, IReadOnlyList<ArcPair> Test, bool TestFirst)
{
    /// <summary>All pairs in the order of the file.</summary>
    public IEnumerable<ArcPair> Pairs => TestFirst ? Test.Concat(Train) : Train.Concat(Test);
}
