using System.CommandLine;
using Graph.Models.Puzzles;
using Graph.Samples.Commands;

namespace Graph.Samples.Sudoku;

/// <summary>Sudoku of 4, 6 or 9 digits, as in Sudoku-Extreme.</summary>
internal sealed class SudokuKind : PuzzleKind
{
    public override string Name => "Sudoku";

    public override string Id => "sudoku";

    public override string PuzzleFormat => "Cells row by row, digits and . or 0 for blanks (81 of a 9x9 puzzle); line ends and spaces are passed over";

    public override IReadOnlyDictionary<string, string> Defaults { get; } = new Dictionary<string, string>
    {
        ["model"] = "mamba2",
        ["batch"] = "32",
        ["weight_decay"] = "1",
        ["puzzle_lr"] = "0.0001",
        ["puzzle_weight_decay"] = "1",
    };

    public override string SizeFor(DataSetMetadata data) => data.SeqLen switch
    {
        16 => "grid4",
        36 => "grid6",
        _ => "grid9",
    };

    public override PuzzleScore Score(string dataFolder, int checkpoints)
    {
        var cells = DataSetMetadata.Open(Path.Combine(dataFolder, "test", DataSetMetadata.FileName)).SeqLen;
        return new SudokuVoteScore(SudokuShape.Of((int)Math.Sqrt(cells)), checkpoints);
    }

    public override PuzzleLook Look(int cells) => new SudokuLook(SudokuShape.Of((int)Math.Sqrt(cells)));

    public override void Solve(string text, string source, Solver solver, Terminal terminal) => SudokuSolution.Print(text, source, solver, terminal);

    public override Command BuildCommand(Terminal terminal)
    {
        var train = Flags.Text("--train", "CSV file of training puzzles with columns question,answer and perhaps rating.");
        var test = Flags.Text("--test", "CSV file of held-out puzzles.");
        var grid = Flags.Number("--grid", "Digits: 4, 6 or 9.", 9, 4, 9);
        var augmentations = Flags.Number("--augmentations", "Shuffled forms of each training puzzle.", 0, 0, 1_000_000);
        var subsample = Flags.OptionalNumber("--subsample", "Training puzzles to draw.", 1, int.MaxValue);
        var testSubsample = Flags.OptionalNumber("--test-subsample", "Held-out puzzles to draw.", 1, int.MaxValue);
        var difficulty = Flags.OptionalNumber("--min-difficulty", "Puzzles with a lower rating are left out.", 0, int.MaxValue);
        var seed = Flags.Number("--seed", "Of numpy's legacy generator.", 42u, 0u, uint.MaxValue);
        var folder = Flags.Text("--out", "Folder of the data set.");
        var command = new Command("build", "Builds TRM's data set from CSV files.") { train, test, grid, augmentations, subsample, testSubsample, difficulty, seed, folder };
        command.SetAction(parsed =>
        {
            var report = new BuildReport(terminal);
            var to = parsed.GetRequiredValue(folder);
            return report.End(
                SudokuBuilder.Build(new SudokuBuildOptions
                {
                    TrainFile = parsed.GetRequiredValue(train),
                    TestFile = parsed.GetRequiredValue(test),
                    OutputDirectory = to,
                    Shape = SudokuShape.Of(parsed.GetValue(grid)),
                    Augmentations = parsed.GetValue(augmentations),
                    SubsampleSize = parsed.GetValue(subsample),
                    TestSubsampleSize = parsed.GetValue(testSubsample),
                    MinDifficulty = parsed.GetValue(difficulty),
                    Seed = parsed.GetValue(seed),
                    Progress = report.Progress,
                }),
                to);
        });
        return command;
    }
}
