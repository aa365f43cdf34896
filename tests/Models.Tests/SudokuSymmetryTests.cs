using CsCheck;
using Graph.Models.Puzzles;
using Xunit;

namespace Graph.Models.Tests;

public sealed class SudokuSymmetryTests
{
    [Theory]
    [InlineData(4, 128)]
    [InlineData(6, 3456)]
    public void AllCellSymmetriesAreListedOnce(int n, int count)
    {
        var maps = SudokuSymmetry.CellMaps(SudokuShape.Of(n));
        Assert.Equal(count, maps.Length);
        Assert.Equal(count, maps.Select(map => Convert.ToHexString(map)).Distinct().Count());
    }

    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    public void LeastFormDoesNotSeeSymmetries(int n)
    {
        var shape = SudokuShape.Of(n);
        var canon = new SudokuCanon(shape);
        Gen.ULong.Sample(
            seed =>
            {
                var random = SudokuRandom.Of(seed, 0, 0);
                var puzzle = SudokuGenerator.Puzzle(shape, random.Below(shape.Cells), ref random).Question;
                var symmetry = new SudokuSymmetry(shape);
                symmetry.Shuffle(ref random);
                var moved = new byte[shape.Cells];
                symmetry.Apply(puzzle, moved);
                var least = canon.Least(puzzle);
                return least.AsSpan().SequenceEqual(canon.Least(moved))
                    && least.AsSpan().SequenceEqual(canon.Least(least))
                    && canon.Key(puzzle) == canon.Key(moved);
            },
            iter: 200);
    }

    [Fact]
    public void LeastFormSeparatesDifferentPuzzles()
    {
        var canon = new SudokuCanon(SudokuShape.Grid4);
        var (one, two) = (new byte[16], new byte[16]);
        one[0] = one[6] = 1;
        two[0] = 1;
        two[6] = 2;
        Assert.NotEqual(canon.Least(one), canon.Least(two));
    }

    // Published counts: 288 grids in 2 classes, 28,200,960 grids in 49 classes. An orbit has symmetries * n! / automorphisms grids.
    [Theory]
    [InlineData(4, 200, 2, 288)]
    [InlineData(6, 4000, 49, 28_200_960)]
    public void ClassesOfFullGridsAddUpToAllGrids(int n, int samples, int classes, int grids)
    {
        var shape = SudokuShape.Of(n);
        var canon = new SudokuCanon(shape);
        var orbits = new Dictionary<UInt128, long>();
        var relabellings = Enumerable.Range(1, n).Aggregate(1L, (product, i) => product * i);
        for (var i = 0; i < samples; i++)
        {
            var random = SudokuRandom.Of(2, i, 0);
            var grid = SudokuGenerator.Grid(shape, ref random);
            canon.Least(grid, out var automorphisms);
            orbits[canon.Key(grid)] = canon.Symmetries * relabellings / automorphisms;
        }

        Assert.Equal(classes, orbits.Count);
        Assert.Equal(grids, orbits.Values.Sum());
    }

    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    [InlineData(9)]
    public void ShuffledPuzzlesStayPuzzles(int n)
    {
        var shape = SudokuShape.Of(n);
        var random = SudokuRandom.Of(11, 0, 0);
        var puzzle = SudokuGenerator.Puzzle(shape, shape.Cells / 2, ref random);
        var symmetry = new SudokuSymmetry(shape);
        var (question, answer) = (new byte[shape.Cells], new byte[shape.Cells]);
        for (var i = 0; i < 50; i++)
        {
            symmetry.Shuffle(ref random);
            symmetry.Apply(puzzle.Question, question);
            symmetry.Apply(puzzle.Answer, answer);
            Assert.True(shape.IsSolved(answer));
            Assert.True(SudokuSolver.TrySolve(shape, question));
            Assert.Equal(answer, question);
        }
    }
}
