using System.CommandLine;
using Graph.Models.Puzzles;

namespace Graph.Samples.Commands;

/// <summary>What the commands have to know of a benchmark.</summary>
internal abstract class PuzzleKind
{
    /// <summary>For people, e.g. <c>ARC-AGI</c>.</summary>
    public abstract string Name { get; }

    /// <summary>First part of the name of a run's folder.</summary>
    public abstract string Id { get; }

    /// <summary>Defaults of <c>train</c> that are this benchmark's own, by setting.</summary>
    public abstract IReadOnlyDictionary<string, string> Defaults { get; }

    /// <summary>What <c>solve</c> reads, for its help.</summary>
    public abstract string PuzzleFormat { get; }

    /// <summary>The size that trains on a machine without GPU.</summary>
    public abstract string SizeFor(DataSetMetadata data);

    public abstract Command BuildCommand(Terminal terminal);

    /// <param name="dataFolder">The data set's folder.</param>
    /// <param name="checkpoints">How many will predict.</param>
    public abstract PuzzleScore Score(string dataFolder, int checkpoints);

    /// <summary>How its grids are drawn.</summary>
    /// <param name="cells">Of an example.</param>
    public abstract PuzzleLook Look(int cells);

    /// <summary>Reads one puzzle and writes its answer.</summary>
    /// <param name="text">As the user gave it.</param>
    /// <param name="source">Name of the file for messages, and of a puzzle without a name.</param>
    /// <param name="solver">Predicts.</param>
    /// <param name="terminal">Takes the answer.</param>
    public abstract void Solve(string text, string source, Solver solver, Terminal terminal);
}
