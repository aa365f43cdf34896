using Graph.Models.Puzzles;
using Xunit;

namespace Graph.Models.Tests;

public sealed class SudokuSolverTests
{
    public static TheoryData<int> Sizes => [4, 6, 9];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void GeneratedPuzzlesHaveExactlyTheirAnswer(int n)
    {
        var shape = SudokuShape.Of(n);
        for (var i = 0; i < (n == 9 ? 5 : 100); i++)
        {
            var random = SudokuRandom.Of(7, i, 0);
            var puzzle = SudokuGenerator.Puzzle(shape, shape.Cells / 2, ref random);
            Assert.True(shape.IsSolved(puzzle.Answer));
            Assert.InRange(puzzle.Blanks, shape.Cells / 2 - 4, shape.Cells / 2);
            Assert.Equal(1, SudokuSolver.Count(shape, puzzle.Question, 2));
            var solved = (byte[])puzzle.Question.Clone();
            Assert.True(SudokuSolver.TrySolve(shape, solved));
            Assert.Equal(puzzle.Answer, solved);
        }
    }

    [Fact]
    public void SameSeedSamePuzzle()
    {
        var (first, again, other) = (SudokuRandom.Of(1, 2, 0), SudokuRandom.Of(1, 2, 0), SudokuRandom.Of(2, 2, 0));
        var puzzle = SudokuGenerator.Puzzle(SudokuShape.Grid6, 18, ref first);
        Assert.Equal(puzzle.Question, SudokuGenerator.Puzzle(SudokuShape.Grid6, 18, ref again).Question);
        Assert.NotEqual(puzzle.Question, SudokuGenerator.Puzzle(SudokuShape.Grid6, 18, ref other).Question);
    }

    [Fact]
    public void EmptyGridOf4HasAll288Solutions() => Assert.Equal(288, SudokuSolver.Count(SudokuShape.Grid4, new byte[16], 1000));

    [Fact]
    public void TwoEqualGivensInARowHaveNoSolution()
    {
        var cells = new byte[36];
        cells[0] = cells[5] = 3;
        Assert.Equal(0, SudokuSolver.Count(SudokuShape.Grid6, cells, 2));
    }

    [Fact]
    public void AHardPuzzleOf9IsSolved()
    {
        const string Question = ".....92......4.1....58...3.7..6...5...3.......5..2...1..7.....4.3.7...6.6.8.9....";
        const string Answer = "374169285286543197915872436742618359163954728859327641597236814431785962628491573";
        var cells = Question.Select(c => c == '.' ? (byte)0 : (byte)(c - '0')).ToArray();
        Assert.True(SudokuSolver.IsUnique(SudokuShape.Grid9, cells));
        Assert.True(SudokuSolver.TrySolve(SudokuShape.Grid9, cells));
        Assert.Equal(Answer, string.Concat(cells.Select(c => (char)(c + '0'))));
    }
}
