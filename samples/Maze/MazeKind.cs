using System.CommandLine;
using Graph.Models.Puzzles;
using Graph.Samples.Commands;

namespace Graph.Samples.Maze;

/// <summary>Square mazes, as in Maze-Hard.</summary>
internal sealed class MazeKind : PuzzleKind
{
    public override string Name => "Maze";

    public override string Id => "maze";

    public override string PuzzleFormat => "Maze of the characters # (wall), space, S and G, a line a row or all in one line";

    public override IReadOnlyDictionary<string, string> Defaults { get; } = new Dictionary<string, string>
    {
        ["weight_decay"] = "1",
        ["puzzle_lr"] = "0.0001",
        ["puzzle_weight_decay"] = "1",
    };

    public override string SizeFor(DataSetMetadata data) => "maze-small";

    public override PuzzleScore Score(string dataFolder, int checkpoints) => new MazeVoteScore(checkpoints);

    public override PuzzleLook Look(int cells) => new MazeLook();

    public override void Solve(string text, string source, Solver solver, Terminal terminal) => MazeSolution.Print(text, source, solver, terminal);

    public override Command BuildCommand(Terminal terminal)
    {
        var train = Flags.Text("--train", "CSV file of training mazes with columns question,answer.");
        var test = Flags.Text("--test", "CSV file of held-out mazes.");
        var dihedral = new Option<bool>("--dihedral") { Description = "All eight symmetries of each training maze." };
        var subsample = Flags.OptionalNumber("--subsample", "Training mazes to draw.", 1, int.MaxValue);
        var seed = Flags.Number("--seed", "Of numpy's legacy generator.", 42u, 0u, uint.MaxValue);
        var folder = Flags.Text("--out", "Folder of the data set.");
        var command = new Command("build", "Builds TRM's data set from CSV files.") { train, test, dihedral, subsample, seed, folder };
        command.SetAction(parsed =>
        {
            var report = new BuildReport(terminal);
            var to = parsed.GetRequiredValue(folder);
            return report.End(
                MazeBuilder.Build(new MazeBuildOptions
                {
                    TrainFile = parsed.GetRequiredValue(train),
                    TestFile = parsed.GetRequiredValue(test),
                    OutputDirectory = to,
                    Dihedral = parsed.GetValue(dihedral),
                    SubsampleSize = parsed.GetValue(subsample),
                    Seed = parsed.GetValue(seed),
                    Progress = report.Progress,
                }),
                to);
        });
        return command;
    }
}
