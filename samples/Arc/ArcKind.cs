using System.CommandLine;
using Graph.Models.Puzzles;
using Graph.Samples.Commands;

namespace Graph.Samples.Arc;

/// <summary>ARC-AGI-1 and -2.</summary>
internal sealed class ArcKind : PuzzleKind
{
    public override string Name => "ARC-AGI";

    public override string Id => "arc";

    public override string PuzzleFormat => "ARC task as JSON with train and test, or an object of such tasks";

    public override IReadOnlyDictionary<string, string> Defaults { get; } = new Dictionary<string, string>();

    public override string SizeFor(DataSetMetadata data) => "arc-small";

    public override PuzzleScore Score(string dataFolder, int checkpoints) => new ArcVoteScore(Path.Combine(dataFolder, ArcBuilder.TestPuzzlesFileName), checkpoints);

    public override PuzzleLook Look(int cells) => new ArcLook();

    public override void Solve(string text, string source, Solver solver, Terminal terminal) => ArcSolution.Print(text, source, solver, terminal);

    public override Command BuildCommand(Terminal terminal)
    {
        var input = Flags.Text("--input", "Path and first part of the names of the files: PREFIX_SUBSET_challenges.json.");
        var subsets = Flags.Text("--subsets", "Names of subsets, separated by commas.");
        var test = Flags.Text("--test-set", "The subset whose test pairs are held out.");
        var augmentations = Flags.Number("--augmentations", "Augmented forms of a task, at most.", 1000, 0, 1_000_000);
        var seed = Flags.Number("--seed", "Of numpy's legacy generator.", 42u, 0u, uint.MaxValue);
        var first = Flags.Number("--first-identifier", "First identifier that is given to a puzzle.", 1, 1, int.MaxValue);
        var folder = Flags.Text("--out", "Folder of the data set.");
        var command = new Command("build", "Builds TRM's data set from Kaggle's combined files, byte for byte for the same seed.") { input, subsets, test, augmentations, seed, first, folder };
        command.SetAction(parsed =>
        {
            var report = new BuildReport(terminal);
            var to = parsed.GetRequiredValue(folder);
            return report.End(
                ArcBuilder.Build(new ArcBuildOptions
                {
                    InputPrefix = parsed.GetRequiredValue(input),
                    OutputDirectory = to,
                    Subsets = parsed.GetRequiredValue(subsets).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
                    TestSubset = parsed.GetRequiredValue(test),
                    Augmentations = parsed.GetValue(augmentations),
                    Seed = parsed.GetValue(seed),
                    FirstIdentifier = parsed.GetValue(first),
                    Progress = report.Progress,
                }),
                to);
        });
        return command;
    }
}
